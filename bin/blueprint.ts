import { dirname, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import config from '../sitewright.config.ts'
import { BadInput, writeNew } from './blueprint/bad-input.ts'
import { readCompose } from './blueprint/init/read-compose.ts'
import { readDockerfile } from './blueprint/init/read-dockerfile.ts'
import { readImage } from './blueprint/init/read-image.ts'
import { settle } from './blueprint/init/settle.ts'
import { writeBlueprint } from './blueprint/init/write-blueprint.ts'
import type { RuntimeName } from './blueprint/try/stage.ts'
import { runtimeNames } from './blueprint/try/stage.ts'
import { tryBlueprint } from './blueprint/try/try-blueprint.ts'
import { messageOf } from './command-line/read-options.ts'

const usage = `Writes and tries blueprints.

  npm run blueprint -- try shop.yaml                        starts one throw-away site of it, and says what to change
  npm run blueprint -- init --dockerfile ../shop/Dockerfile
  npm run blueprint -- init --image registry.example.com/shop:4.2
  npm run blueprint -- init --compose ../shop/compose.yaml  writes a blueprint to the terminal

try
  --plan <id>          the plan of the site; trial by default
  --runtime <name>     auto (the default), containers or processes; also SITEWRIGHT_RUNTIME
  --websocket <path>   where the product accepts a WebSocket
  --upload <path>      where it accepts an upload by POST
  --wait               waits all of startSeconds before it gives up
init
  --name <name>        the name of the blueprint; by default as the source is called
  --out <file>         writes to a file that does not exist yet

Ends with 0 if nothing must change, 1 if something must, and 2 for bad input.
`

const refuse = (message: string): never => {
  throw new BadInput(`${message}\n\n${usage}`)
}

const runtimeOf = (name: string): RuntimeName =>
  runtimeNames.find((one) => one === name) ??
  refuse(`--runtime must be one of ${runtimeNames.join(', ')}, not '${name}'.`)

const read = () => {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        plan: { type: 'string', default: 'trial' },
        runtime: { type: 'string', default: process.env['SITEWRIGHT_RUNTIME'] ?? 'auto' },
        websocket: { type: 'string' },
        upload: { type: 'string' },
        wait: { type: 'boolean', default: false },
        dockerfile: { type: 'string' },
        image: { type: 'string' },
        compose: { type: 'string' },
        name: { type: 'string' },
        out: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
  } catch (error) {
    return refuse(messageOf(error))
  }
}

type Values = ReturnType<typeof read>['values']

const init = async ({ dockerfile, image, compose, name, out }: Values): Promise<void> => {
  const base = dirname(resolve(out ?? 'blueprint.yaml'))
  const sources = [
    dockerfile === undefined ? undefined : () => readDockerfile(dockerfile, base),
    image === undefined ? undefined : () => readImage(image),
    compose === undefined ? undefined : () => readCompose(compose, base),
  ].filter((source) => source !== undefined)
  const [source] = sources
  if (source === undefined || sources.length > 1)
    return refuse('init needs one of --dockerfile, --image and --compose.')
  const draft = await source()
  const text = writeBlueprint(settle({ ...draft, name: name ?? draft.name }))
  if (out === undefined) process.stdout.write(text)
  else await writeNew(out, text)
}

const interruption = new AbortController()
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => interruption.abort(new Error('Interrupted: the site was removed.')))
}

/** As a deployment names sites; an example where none is configured. */
const sitesDomain = (): string =>
  process.env['SITEWRIGHT_SITES_DOMAIN'] ?? Object.values(config.stages)[0]?.sites.domain ?? 'sites.example'

const run = async (): Promise<number> => {
  const { values, positionals } = read()
  const [command, file, ...others] = positionals
  if (values.help) {
    console.log(usage)
    return 0
  }
  if (command === 'try' && file !== undefined && others.length === 0) {
    const isGood = await tryBlueprint(file, {
      config,
      runtime: runtimeOf(values.runtime),
      plan: values.plan,
      domain: sitesDomain(),
      webSocket: values.websocket,
      upload: values.upload,
      waitsLong: values.wait,
      signal: interruption.signal,
      print: (line) => console.log(line),
    })
    return isGood ? 0 : 1
  }
  if (command === 'init' && file === undefined) {
    await init(values)
    return 0
  }
  return refuse('Say `try` with one file, or `init` with one source.')
}

run().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(messageOf(error))
    process.exit(interruption.signal.aborted ? 130 : error instanceof BadInput ? 2 : 1)
  },
)
