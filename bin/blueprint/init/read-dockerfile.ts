import { basename, dirname, relative, resolve } from 'node:path'
import {
  Arg,
  Cmd,
  DockerfileParser,
  Entrypoint,
  Env,
  From,
  Healthcheck,
  type Instruction,
  Volume,
} from 'dockerfile-ast'
import { BadInput, readText } from '../bad-input.ts'
import {
  type ContainerDraft,
  type Draft,
  emptyContainer,
  escaped,
  nameFrom,
  portsFrom,
  those,
  volumesFrom,
  wordsOf,
} from './draft.ts'
import { looksSecret } from './secrets.ts'

interface BuildStage {
  readonly environment: Record<string, string>
  readonly ports: string[]
  readonly volumes: string[]
  user?: string
  command: readonly string[]
  hasEntrypoint: boolean
  health?: readonly string[]
}

const textOf = (instruction: Instruction): string => instruction.getArgumentsContent()?.trim() ?? ''

/** A list in JSON, or undefined for text. Docker reads `[` without valid JSON as text, too. */
const jsonList = (text: string): readonly string[] | undefined => {
  try {
    const list: unknown = JSON.parse(text)
    return Array.isArray(list) ? list.map(String) : undefined
  } catch {
    return undefined
  }
}

const applyTo = (stage: BuildStage, instruction: Instruction, fill: (text: string) => string): void => {
  const text = textOf(instruction)
  if (instruction instanceof Env) {
    for (const property of instruction.getProperties())
      stage.environment[property.getName()] = fill(property.getValue() ?? '')
  } else if (instruction instanceof Volume) stage.volumes.push(...(jsonList(text) ?? wordsOf(text)).map(fill))
  else if (instruction instanceof Cmd) stage.command = jsonList(text) ?? ['sh', '-c', text]
  else if (instruction instanceof Entrypoint) stage.hasEntrypoint = text !== '[]'
  else if (instruction instanceof Healthcheck) {
    // Its arguments are an instruction of their own.
    const [command] = DockerfileParser.parse(text).getCMDs()
    if (command !== undefined) stage.health = jsonList(textOf(command)) ?? ['sh', '-c', textOf(command)]
  } else if (instruction.getKeyword() === 'USER') stage.user = fill(text)
  else if (instruction.getKeyword() === 'EXPOSE')
    // Of a variable without a value there is nothing to ask.
    stage.ports.push(...wordsOf(fill(text)).filter((port) => !/^\$[^/]*(?:\/tcp)?$/i.test(port)))
}

/** The last stage, with what it has from stages before. */
const lastStage = (text: string): BuildStage | undefined => {
  const stages = new Map<string | null, BuildStage>()
  /** Those before the first stage. A stage that names one again has its value. */
  const defaults: Record<string, string> = {}
  let variables = defaults
  let stage: BuildStage | undefined
  const fill = (value: string): string =>
    value.replace(/\$(?:\{(\w+)(?::?-([^}]*))?\}|(\w+))/g, (all, braced?: string, other?: string, bare?: string) => {
      const name = braced ?? bare ?? ''
      return stage?.environment[name] ?? variables[name] ?? other ?? all
    })
  const declare = (argument: Arg): void => {
    const property = argument.getProperty()
    const value = property && (property.getValue() ?? defaults[property.getName()])
    if (typeof value === 'string') variables[property?.getName() ?? ''] = fill(value)
  }
  for (const instruction of DockerfileParser.parse(text).getInstructions()) {
    if (instruction instanceof Arg) declare(instruction)
    else if (instruction instanceof From) {
      const empty = { environment: {}, ports: [], volumes: [], command: [], hasEntrypoint: false }
      if (stage === undefined) variables = {}
      stage = structuredClone(stages.get(instruction.getImage()) ?? empty)
      stages.set(instruction.getBuildStage(), stage)
    } else if (stage !== undefined) applyTo(stage, instruction, fill)
  }
  return stage
}

/** What the image has anyway, and nobody changes. Of what depends on the build, this does not know the value. */
const isNoise = ([name, value]: readonly [string, string]): boolean =>
  name === 'PATH' ||
  name.endsWith('_VERSION') ||
  (/\$(?:\{|\w)/.test(value) && name !== 'PORT' && !looksSecret(name, value))

/** A command of the image with the places that a plain process has. */
const placed = (
  word: string,
  { ports: [port], volumes }: Pick<ContainerDraft, 'ports'> & Pick<BuildStage, 'volumes'>,
): string =>
  volumes
    .filter((path) => path !== '/tmp')
    .reduce(
      (text, path) => text.replace(new RegExp(`(?<=^|[=\\s"'])${path}(?=[/\\s"']|$)`, 'g'), `\${DATA_DIRECTORY}`),
      escaped(word),
    )
    .replace(new RegExp(`(?<=^|[=:\\s])${port}(?=\\s|$)`, 'g'), `\${PORT}`)
    .replaceAll('0.0.0.0', `\${HOST}`)

/** @param base the directory that paths in the blueprint are relative to. @throws {BadInput} if it is no Dockerfile. */
export const readDockerfile = async (file: string, base: string): Promise<Draft> => {
  const stage = lastStage(await readText(file))
  if (stage === undefined) throw new BadInput(`${file} has no FROM: it is not a Dockerfile.`)
  const directory = dirname(resolve(file))
  const context = relative(base, directory) || '.'
  const name = nameFrom(directory)
  const { ports, questions } = portsFrom(stage.ports)
  const isPlain = stage.command.length > 0 && !stage.hasEntrypoint
  const container: ContainerDraft = {
    ...emptyContainer,
    image: `${name}:1`,
    build: { context, ...(basename(file) === 'Dockerfile' ? {} : { dockerfile: basename(file) }) },
    process: isPlain
      ? { command: stage.command.map((word) => placed(word, { ...stage, ports })), directory: context }
      : undefined,
    environment: Object.fromEntries(Object.entries(stage.environment).filter((entry) => !isNoise(entry))),
    ports,
    volumes: volumesFrom(stage.volumes),
    user: stage.user ?? 'root',
    health: stage.health,
    questions: [
      ...questions,
      ...those(
        isPlain && '`process` is only for machines without a container engine: does it run there, and listen on PORT?',
      ),
    ],
  }
  return { source: file, name, containers: [container] }
}
