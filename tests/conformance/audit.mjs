// The audits of GraphQL over HTTP that the package graphql-http brings, as JSON.
import { auditServer } from 'graphql-http';

const [url, authorization] = process.argv.slice(2);
const results = await auditServer({
  url,
  fetchFn: (address, init = {}) =>
    fetch(address, { ...init, headers: { ...init.headers, ...(authorization ? { authorization } : {}) } }),
});
const told = results.map(({ id, name, status, reason }) => ({ id, name, status, reason }));
console.log(JSON.stringify(told));
