import { runToEnd } from './command-line/run-to-end.ts'
import { runSitewright } from './sitewright/program.ts'

await runToEnd((signal, endInOrder) =>
  runSitewright(process.argv.slice(2), {
    environment: process.env,
    input: process.stdin,
    print: (line) => console.log(line),
    say: (text) => void process.stderr.write(text),
    endInOrder: (milliseconds) => {
      endInOrder(milliseconds)
      return signal
    },
  }),
)
