// Sends what stands in the form to /graphql, and shows what comes back.
const find = (id) => document.getElementById(id);
const csrf = document.querySelector('meta[name="csrf-token"]').content;
let running = null;

function show(text) {
  find('answer').textContent = text;
}

function tell(text) {
  find('status').textContent = text;
}

function readHeaders(streams) {
  const headers = {
    'Content-Type': 'application/json',
    Accept: streams ? 'text/event-stream' : 'application/graphql-response+json',
  };
  const token = find('token').value.trim();
  if (token) headers.Authorization = `Bearer ${token}`;
  else if (csrf) headers['X-CSRF-Token'] = csrf;
  return headers;
}

async function readEvents(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let waiting = '';
  let count = 0;
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return count;
    waiting += value;
    const blocks = waiting.split('\n\n');
    waiting = blocks.pop();
    for (const block of blocks) {
      const data = block.match(/^data: (.+)$/m);
      if (block.startsWith('event: next') && data) {
        count += 1;
        tell(`${count} answers so far`);
        show(JSON.stringify(JSON.parse(data[1]), null, 2));
      }
    }
  }
}

async function ask() {
  let variables;
  try {
    variables = JSON.parse(find('variables').value || '{}');
  } catch (error) {
    tell(`The variables are no JSON: ${error.message}`);
    return;
  }
  const query = find('query').value;
  const streams = /^\s*subscription\b/m.test(query);
  running?.abort();
  running = new AbortController();
  find('stop').disabled = false;
  tell('Asking');
  const start = performance.now();
  try {
    const response = await fetch('/graphql', {
      method: 'POST',
      headers: readHeaders(streams),
      body: JSON.stringify({ query, variables }),
      signal: running.signal,
    });
    const type = response.headers.get('Content-Type') ?? '';
    if (type.startsWith('text/event-stream')) {
      tell(`Ended after ${await readEvents(response)} answers`);
    } else {
      show(JSON.stringify(await response.json(), null, 2));
      tell(`Status ${response.status}, ${Math.round(performance.now() - start)} ms`);
    }
  } catch (error) {
    tell(error.name === 'AbortError' ? 'Stopped' : `No answer: ${error.message}`);
  } finally {
    find('stop').disabled = true;
  }
}

async function listDocuments() {
  const documents = await (await fetch('/graphql/console/documents')).json();
  for (const name of Object.keys(documents)) find('named').append(new Option(name, name));
  find('named').addEventListener('change', (event) => {
    const text = documents[event.target.value];
    if (text) find('query').value = text;
  });
}

find('ask').addEventListener('submit', (event) => {
  event.preventDefault();
  ask();
});
find('ask').addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) ask();
});
find('stop').addEventListener('click', () => running?.abort());
listDocuments();
