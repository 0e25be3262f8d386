import { runToEnd } from './command-line/run-to-end.ts'
import { runSitewright } from './sitewright/program.ts'

// `dev` stops what it runs, whose containers may take their time. Other commands end at once.
const isDev = process.argv.includes('dev')

await runToEnd(
  (signal) =>
    runSitewright(process.argv.slice(2), {
      signal,
      environment: process.env,
      input: process.stdin,
      print: (line) => console.log(line),
      say: (text) => void process.stderr.write(text),
    }),
  isDev ? { cleansUp: true, patience: 30_000 } : {},
)
