// Looks at pages with Lighthouse, all in one warm browser. Reads [{name, url, cookie}] and the
// categories from standard input, and writes one line of JSON for each page when it is done.
import { readFileSync } from "node:fs";
import { launch } from "chrome-launcher";
import lighthouse from "lighthouse";

const { pages, categories } = JSON.parse(readFileSync(0, "utf8"));
const timed = categories.includes("performance");
const settings = {
  onlyCategories: categories,
  output: "json",
  logLevel: "error",
  disableFullPageScreenshot: true,
  ignoreStatusCode: true, // pages that say that something is not there are looked at too
  maxWaitForLoad: 15_000,
  // Nothing is measured in time without "performance": the page need not be still for long.
  ...(timed ? {} : { pauseAfterFcpMs: 0, pauseAfterLoadMs: 0, networkQuietThresholdMs: 150, cpuQuietThresholdMs: 0 }),
};

function weigh(report) {
  const scores = Object.fromEntries(
    Object.entries(report.categories).map(([name, part]) => [name, Math.round(100 * (part.score ?? 0))]),
  );
  const missed = [];
  for (const [name, part] of Object.entries(report.categories)) {
    for (const { id, weight } of part.auditRefs) {
      const { score, title, details, displayValue } = report.audits[id];
      if (score === null || score >= 0.9 || weight === 0) continue;
      const places = (details?.items ?? []).slice(0, 3).map((item) => item.node?.snippet ?? item.description ?? "");
      missed.push({ category: name, id, title, value: displayValue ?? "", places });
    }
  }
  const value = (id) => report.audits[id]?.numericValue ?? null;
  return { scores, missed, bytes: value("total-byte-weight"), shift: value("cumulative-layout-shift") };
}

const chrome = await launch({
  chromePath: process.env.CHROME_PATH,
  chromeFlags: ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage"],
});
try {
  for (const { name, url, cookie } of pages) {
    const started = Date.now();
    const flags = { ...settings, port: chrome.port, extraHeaders: cookie ? { Cookie: cookie } : null };
    let seen;
    try {
      const { lhr } = await lighthouse(url, flags);
      seen = lhr.runtimeError ? { error: lhr.runtimeError.message } : weigh(lhr);
    } catch (error) {
      seen = { error: String(error) };
    }
    console.log(JSON.stringify({ name, seconds: (Date.now() - started) / 1000, ...seen }));
  }
} finally {
  await chrome.kill();
}
