import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import * as z from 'zod'
import { messageOf } from '../../command-line/read-options.ts'
import { BadInput } from '../bad-input.ts'
import { type Draft, emptyContainer, nameFrom, those } from './draft.ts'

/** A package as its registry has it. */
interface Package {
  readonly package: string
  /** What else of a Python package is to be installed, such as `[postgres]`. */
  readonly extras?: string
  readonly version: string
  readonly commands: readonly string[]
}

const run = promisify(execFile)

const python = '3.13'

/** Prints the file of a wheel that names its commands. */
const printEntryPoints = `import sys, zipfile
wheel = zipfile.ZipFile(sys.argv[1])
for name in wheel.namelist():
    if name.endswith('.dist-info/entry_points.txt'): print(wheel.read(name).decode())`

const commandsIn = (entryPoints: string): readonly string[] => {
  const [, scripts = ''] = /^\[console_scripts\]\s*$([^[]*)/m.exec(entryPoints) ?? []
  return [...scripts.matchAll(/^\s*([\w.-]+)\s*=/gm)].map(([, command = '']) => command)
}

const askPip = async (wanted: string): Promise<Package> => {
  const directory = await mkdtemp(join(tmpdir(), 'sitewright-pip-'))
  try {
    const wheels = ['--no-deps', '--only-binary', ':all:', '--python-version', python, '--dest', directory]
    await run('python3', ['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', ...wheels, wanted])
    const [wheel = ''] = await readdir(directory)
    const { stdout } = await run('python3', ['-c', printEntryPoints, join(directory, wheel)])
    const [name = '', version = ''] = wheel.split('-')
    const extras = /\[.*\]/.exec(wanted)?.[0] ?? ''
    return { package: wanted.replace(/[=<>~!;[ ].*$/, '') || name, extras, version, commands: commandsIn(stdout) }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

const npmSchema = z.looseObject({
  name: z.string(),
  version: z.string(),
  bin: z.union([z.string(), z.record(z.string(), z.string())]).default({}),
})

const askNpm = async (wanted: string): Promise<Package> => {
  const { stdout } = await run('npm', ['view', '--json', wanted, 'name', 'version', 'bin'])
  const found: unknown = JSON.parse(stdout)
  // A range has several versions, the newest last.
  const { name, version, bin } = npmSchema.parse(Array.isArray(found) ? found.at(-1) : found)
  const only = name.split('/').at(-1) ?? name
  return { package: name, version, commands: typeof bin === 'string' ? [only] : Object.keys(bin) }
}

const registries = {
  pip: {
    ask: askPip,
    image: `python:${python}`,
    install: (name: string) =>
      `python3 -m venv /opt/product && /opt/product/bin/pip install --no-cache-dir "${name}==$VERSION"`,
    environment: 'PATH=/opt/product/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1',
  },
  npm: {
    ask: askNpm,
    image: 'node:24',
    install: (name: string) => `npm install --omit=dev "${name}@$VERSION"`,
    environment: 'PATH=/opt/product/node_modules/.bin:$PATH NODE_ENV=production',
  },
}
type Registry = keyof typeof registries

const dockerfileOf = (
  registry: Registry,
  { package: name, extras = '', version }: Package,
  command: string,
): string => {
  const { image, install, environment } = registries[registry]
  return `# ${name} from ${registry}. Compilers stay in the first stage.
FROM docker.io/library/${image} AS build
WORKDIR /opt/product
ARG VERSION=${version}
RUN ${install(name + extras)}

FROM docker.io/library/${image}-slim
COPY --from=build /opt/product /opt/product
ENV ${environment}
USER 10001:10001
VOLUME /tmp
CMD ["${command}"]
`
}

/** Makes a Dockerfile and a draft of a package. @throws {BadInput} if its registry has no such product. */
export const readPackage = async (registry: Registry, wanted: string): Promise<Draft> => {
  if (!/^@?\w[\w./~^<>=![\],@-]*$/.test(wanted)) throw new BadInput(`'${wanted}' is not the name of a package.`)
  const product = await registries[registry].ask(wanted).catch((error: unknown) => {
    const { stderr = '' } = z.looseObject({ stderr: z.string().optional() }).catch({}).parse(error)
    const reason = /^.*\berror\b:? *(?!code )(.*)$/im.exec(stderr)?.[1] ?? messageOf(error)
    throw new BadInput(`${registry} does not find '${wanted}': ${reason}`)
  })
  const name = nameFrom(product.package)
  const { commands, version } = product
  const command = commands.find((one) => nameFrom(one) === name) ?? commands[0]
  if (command === undefined) throw new BadInput(`'${wanted}' installs no command: it is a library and no product.`)
  const others = commands.filter((one) => one !== command)
  return {
    source: `${product.package} of ${registry}`,
    name,
    containers: [
      {
        ...emptyContainer,
        image: `${name}:${version.replaceAll(/[^\w.-]/g, '-')}`,
        build: { context: '.' },
        command: [command],
        questions: [
          `Which arguments let ${command} serve on HOST and PORT, and store below DATA_DIRECTORY? Such as --host '\${HOST}' --port '\${PORT}'. Variables go into \`environment\`.`,
          ...those(others.length > 0 && `It also installs ${others.join(', ')}. Is ${command} the one that serves?`),
        ],
      },
    ],
    dockerfile: dockerfileOf(registry, product, command),
  }
}
