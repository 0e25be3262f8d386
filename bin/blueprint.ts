import { mkdir } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { Command, CommanderError, Option } from 'commander'
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
import { type TryOptions, tryBlueprint } from './blueprint/try/try-blueprint.ts'
import { messageOf } from './command-line/read-options.ts'
import { runToEnd } from './command-line/run-to-end.ts'

interface Source {
  readonly dockerfile?: string
  readonly image?: string
  readonly compose?: string[]
  readonly pip?: string
  readonly npm?: string
}

interface InitFlags extends Source {
  readonly extends?: string
  readonly name?: string
  readonly out?: string
}

interface RebaseFlags {
  readonly onto: string
  readonly url: string
  readonly write: boolean
}

interface TryFlags extends Partial<Pick<TryOptions, 'plan' | 'upload' | 'from'>> {
  readonly runtime: RuntimeName
  readonly websocket?: string
  readonly url: string
  readonly wait: boolean
}

const print = (line: string): void => console.log(line)

const readSource = ({ dockerfile, image, compose = [], pip, npm }: Source, base: string): Promise<Draft> => {
  if (dockerfile !== undefined) return readDockerfile(dockerfile, base)
  if (image !== undefined) return readImage(image)
  if (pip !== undefined) return readPackage('pip', pip)
  return npm === undefined ? readCompose(compose, base) : readPackage('npm', npm)
}

/** Writes the Dockerfile and the blueprint of a package into one directory, and says what to edit. */
const writePackage = async (dockerfile: string, blueprint: string, file: string): Promise<void> => {
  const beside = join(dirname(file), 'Dockerfile')
  await mkdir(dirname(file), { recursive: true })
  await writeNew(beside, dockerfile)
  await writeNew(file, blueprint)
  print(`Written: ${beside} and ${file}.`)
  print('Edit the blueprint: answer each line that begins with "# ?", first the arguments of `command`.')
  print(`Then: npm run blueprint -- try ${file}`)
}

const init = async ({ name, out, ...source }: InitFlags): Promise<void> => {
  if (Object.keys(source).length !== 1)
    throw new BadInput('init needs one of --dockerfile, --image, --compose, --pip, --npm and --extends.')
  const put = async (text: string) => void (out === undefined ? process.stdout.write(text) : await writeNew(out, text))
  if (source.extends !== undefined) return put(await writeExtension(source.extends, name))
  const draft = await readSource(source, dirname(resolve(out ?? 'blueprint.yaml')))
  const settled = settle({ ...draft, name: name ?? draft.name })
  const text = writeBlueprint(settled)
  if (draft.dockerfile === undefined) return put(text)
  await writePackage(draft.dockerfile, text, out ?? join(settled.name, `${settled.name}.yaml`))
}

/** As a deployment names sites; an example where none is configured. */
const sitesDomain = (): string =>
  process.env['SITEWRIGHT_SITES_DOMAIN'] ?? Object.values(config.stages)[0]?.sites.domain ?? 'sites.example'

const urlOption = () =>
  new Option('--url <address>', 'of the host that has what a file extends, unless a file beside it does').default(
    'http://localhost:4000',
  )

/** @param end takes whether nothing must change. */
const createProgram = (signal: AbortSignal, end: (isGood: boolean) => void): Command => {
  const program = new Command('npm run blueprint --')
    .description('Writes and tries blueprints.')
    .addHelpText(
      'after',
      '\nEnds with 0 if nothing must change, 1 if something must (or a rebase has conflicts), and 2 for bad input.',
    )
    .exitOverride()
  program
    .command('try <file>')
    .description('start one throw-away site of it, and say what to change')
    .option('--plan <id>', 'the plan of the site; by default the first of the blueprint, or trial')
    .addOption(
      new Option('--runtime <name>', 'what runs it').choices(runtimeNames).env('SITEWRIGHT_RUNTIME').default('auto'),
    )
    .option('--websocket <path>', 'where the product accepts a WebSocket')
    .option('--upload <path>', 'where it accepts an upload by POST')
    .option('--from <file>', "rehearse an upgrade from this file's version: copy, migration, checks, strangers")
    .addOption(urlOption())
    .option('--wait', 'wait all of startSeconds before it gives up', false)
    .action(async (file: string, { websocket: webSocket, url, wait: waitsLong, ...given }: TryFlags) => {
      const around = { config, domain: sitesDomain(), baseOf: versionAt(url), signal, print }
      end(await tryBlueprint(file, { ...given, ...around, webSocket, waitsLong }))
    })
  program
    .command('init')
    .description('write a blueprint from what there is')
    .option('--dockerfile <file>')
    .option('--image <reference>')
    .option('--compose <file...>', 'compose files, each over those before')
    .option('--pip <name>', 'a package of PyPI: writes a Dockerfile too, both into a new directory')
    .option('--npm <name>', 'a package of npm, in the same way')
    .option('--extends <file>', 'a blueprint: begins a file that extends it')
    .option('--name <name>', 'the name of the blueprint; by default as the source is called')
    .option('--out <file>', 'a file that does not exist yet; the Dockerfile of a package goes beside it')
    .action(init)
  program
    .command('rebase <file>')
    .description('say what changes in an extension with another version of its base')
    .requiredOption('--onto <version>', 'of the blueprint that the file extends')
    .addOption(urlOption())
    .option('--write', 'write the version into the file', false)
    .action(async (file: string, { onto, ...given }: RebaseFlags) => {
      if (!/^[1-9]\d{0,6}$/.test(onto)) throw new BadInput(`--onto must be a version, such as 13, and not '${onto}'.`)
      end(await rebase(file, { ...given, onto: Number(onto), print }))
    })
  return program
}

await runToEnd(
  async (signal) => {
    let code = 0
    const program = createProgram(signal, (isGood) => {
      code = isGood ? 0 : 1
    })
    try {
      await program.parseAsync()
      return code
    } catch (error) {
      // Commander has said what is wrong with the command line.
      if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
      console.error(signal.aborted ? 'Interrupted: the site was removed.' : messageOf(error))
      return error instanceof BadInput ? 2 : 1
    }
  },
  { cleansUp: true },
)
