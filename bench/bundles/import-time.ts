import { execFile } from 'node:child_process'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)

const script = `
const from = performance.now()
await import(process.argv[1])
console.log(performance.now() - from)
`

/** Milliseconds that a new process of this Node takes to import a module, as a function does on a cold start. */
export const importTime = async (file: string): Promise<number> => {
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script, pathToFileURL(file).href])
  const milliseconds = Number(stdout)
  if (!(milliseconds > 0)) throw new Error(`${file} could not be timed: ${stdout}`)
  return milliseconds
}
