import { runToEnd } from './command-line/run-to-end.ts'
import { runSitewright } from './sitewright/program.ts'

const words = process.argv.slice(2)
const dev = words.indexOf('dev')
// `dev` stops what it runs, whose containers may take their time. Other commands end at once, also where an environment is called so:
// before the command there are only options, and their values.
const isDev = dev >= 0 && words.slice(0, dev).every((word, at) => `${word} ${words[at - 1] ?? ''}`.includes('-'))

await runToEnd(
  (signal) =>
    runSitewright(words, {
      signal,
      environment: process.env,
      input: process.stdin,
      print: (line) => console.log(line),
      say: (text) => void process.stderr.write(text),
    }),
  isDev ? { cleansUp: true, patience: 30_000 } : {},
)
