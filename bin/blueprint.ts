import { mkdir } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import config from '../sitewright.config.ts'
import { BadInput, writeNew } from './blueprint/bad-input.ts'
import { rebase, versionAt, writeExtension } from './blueprint/extensions.ts'
import type { Draft } from './blueprint/init/draft.ts'
import { readCompose } from './blueprint/init/read-compose.ts'
import { readDockerfile } from './blueprint/init/read-dockerfile.ts'
import { readImage } from './blueprint/init/read-image.ts'
import { readPackage } from './blueprint/init/read-package.ts'
import { settle } from './blueprint/init/settle.ts'
import { writeBlueprint } from './blueprint/init/write-blueprint.ts'
import { type RuntimeName, runtimeNames } from './blueprint/try/stage.ts'
import { tryBlueprint } from './blueprint/try/try-blueprint.ts'
import { messageOf } from './command-line/read-options.ts'
import { runToEnd } from './command-line/run-to-end.ts'

const usage = `Writes and tries blueprints.

  npm run blueprint -- try shop.yaml                        starts one throw-away site of it, and says what to change
  npm run blueprint -- init --dockerfile ../shop/Dockerfile
  npm run blueprint -- init --image registry.example.com/shop:4.2
  npm run blueprint -- init --compose ../shop/compose.yaml  writes a blueprint to the terminal; a further --compose is merged over it
  npm run blueprint -- init --pip octoprint
  npm run blueprint -- init --npm node-red                  writes a Dockerfile and a blueprint of a package into a new directory
  npm run blueprint -- init --extends shop.yaml             writes a blueprint that extends another one to the terminal
  npm run blueprint -- rebase acme.yaml --onto 13           says what changes in an extension with another version of its base

try
  --plan <id>          the plan of the site; by default the first of the blueprint, or trial
  --runtime <name>     auto (the default), containers or processes; also SITEWRIGHT_RUNTIME
  --websocket <path>   where the product accepts a WebSocket
  --upload <path>      where it accepts an upload by POST
  --from <file>        rehearses an upgrade from this file's version: copy, migration, checks, strangers
  --url <address>      of the host that has what a file extends, unless a file beside it does (http://localhost:4000)
  --wait               waits all of startSeconds before it gives up
init
  --name <name>        the name of the blueprint; by default as the source is called
  --out <file>         writes to a file that does not exist yet; the Dockerfile of a package goes beside it
rebase
  --onto <version>     of the blueprint that the file extends
  --url <address>      as above
  --write              writes the version into the file

Ends with 0 if nothing must change, 1 if something must (or the base changed what the extension changes), and 2 for bad input.
`

const refuse = (message: string): never => {
  throw new BadInput(`${message}\n\n${usage}`)
}

const runtimeOf = (name: string): RuntimeName =>
  runtimeNames.find((one) => one === name) ??
  refuse(`--runtime must be one of ${runtimeNames.join(', ')}, not '${name}'.`)

const readOptions = () => {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        plan: { type: 'string' },
        onto: { type: 'string' },
        url: { type: 'string', default: 'http://localhost:4000' },
        write: { type: 'boolean', default: false },
        extends: { type: 'string' },
        runtime: { type: 'string', default: process.env['SITEWRIGHT_RUNTIME'] ?? 'auto' },
        websocket: { type: 'string' },
        upload: { type: 'string' },
        wait: { type: 'boolean', default: false },
        from: { type: 'string' },
        dockerfile: { type: 'string' },
        image: { type: 'string' },
        compose: { type: 'string', multiple: true },
        pip: { type: 'string' },
        npm: { type: 'string' },
        name: { type: 'string' },
        out: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
  } catch (error) {
    return refuse(messageOf(error))
  }
}

type Values = ReturnType<typeof readOptions>['values']

/** Writes the Dockerfile and the blueprint of a package into one directory, and says what to edit. */
const writePackage = async (dockerfile: string, blueprint: string, file: string): Promise<void> => {
  const beside = join(dirname(file), 'Dockerfile')
  await mkdir(dirname(file), { recursive: true })
  await writeNew(beside, dockerfile)
  await writeNew(file, blueprint)
  console.log(`Written: ${beside} and ${file}.`)
  console.log('Edit the blueprint: answer each line that begins with "# ?", first the arguments of `command`.')
  console.log(`Then: npm run blueprint -- try ${file}`)
}

const init = async (values: Values): Promise<void> => {
  const { dockerfile, image, compose, pip, npm, name, out, extends: extended } = values
  const base = dirname(resolve(out ?? 'blueprint.yaml'))
  const given = [dockerfile, image, compose, pip, npm, extended].filter((source) => source !== undefined)
  if (given.length !== 1)
    return refuse('init needs one of --dockerfile, --image, --compose, --pip, --npm and --extends.')
  const put = (text: string) => (out === undefined ? process.stdout.write(text) : writeNew(out, text))
  if (extended !== undefined) return void (await put(await writeExtension(extended, name)))
  const read = async (): Promise<{ readonly draft: Draft; readonly dockerfile?: string }> => {
    if (pip !== undefined) return readPackage('pip', pip)
    if (npm !== undefined) return readPackage('npm', npm)
    if (dockerfile !== undefined) return { draft: await readDockerfile(dockerfile, base) }
    return { draft: image === undefined ? await readCompose(compose ?? [], base) : await readImage(image) }
  }
  const { draft, dockerfile: written } = await read()
  const settled = settle({ ...draft, name: name ?? draft.name })
  const text = writeBlueprint(settled)
  if (written !== undefined) await writePackage(written, text, out ?? join(settled.name, `${settled.name}.yaml`))
  else await put(text)
}

/** As a deployment names sites; an example where none is configured. */
const sitesDomain = (): string =>
  process.env['SITEWRIGHT_SITES_DOMAIN'] ?? Object.values(config.stages)[0]?.sites.domain ?? 'sites.example'

const run = async (signal: AbortSignal): Promise<number> => {
  const { values, positionals } = readOptions()
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
      from: values.from,
      baseOf: versionAt(values.url),
      waitsLong: values.wait,
      signal,
      print: (line) => console.log(line),
    })
    return isGood ? 0 : 1
  }
  if (command === 'rebase' && file !== undefined && others.length === 0) {
    const { onto, url, write } = values
    if (!/^[1-9]\d{0,6}$/.test(onto ?? '')) return refuse('rebase needs --onto with a version, such as --onto 13.')
    return (await rebase(file, { onto: Number(onto), url, write, print: (line) => console.log(line) })) ? 0 : 1
  }
  if (command === 'init' && file === undefined) {
    await init(values)
    return 0
  }
  return refuse('Say `try` or `rebase` with one file, or `init` with one source.')
}

await runToEnd(
  (signal) =>
    run(signal).catch((error: unknown) => {
      console.error(signal.aborted ? 'Interrupted: the site was removed.' : messageOf(error))
      return error instanceof BadInput ? 2 : 1
    }),
  { cleansUp: true },
)
