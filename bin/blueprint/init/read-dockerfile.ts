import { basename, dirname, relative, resolve } from 'node:path'
import { DockerfileParser } from 'dockerfile-ast'
import { BadInput, readText } from '../bad-input.ts'
import { type ContainerDraft, type Draft, escaped, nameFrom, wordsOf } from './draft.ts'

/** What a stage of a Dockerfile sets. */
interface BuildStage {
  readonly environment: Record<string, string>
  readonly ports: number[]
  readonly volumes: string[]
  user?: string
  command: readonly string[]
  entrypoint: readonly string[]
  hasShellCommand: boolean
  health?: readonly string[]
}

interface Instruction {
  readonly name: string
  readonly rest: string
}

/** Joins continued lines and leaves comments out. Heredocs stay in the instruction that has them. */
const instructionsOf = (text: string): readonly Instruction[] => {
  const dockerfile = DockerfileParser.parse(text)
  const continued = new RegExp(`\\${dockerfile.getEscapeCharacter()}[ \\t]*\\r?\\n`, 'g')
  return dockerfile.getInstructions().map((instruction) => ({
    name: instruction.getKeyword(),
    rest: (instruction.getRawArgumentsContent() ?? '')
      .replace(/^\s*#.*\n?/gm, '')
      .replace(continued, ' ')
      .trim(),
  }))
}

/** A list in JSON, or undefined for text. */
const jsonList = (text: string): readonly string[] | undefined => {
  if (!text.startsWith('[')) return undefined
  try {
    const list: unknown = JSON.parse(text)
    return Array.isArray(list) ? list.map(String) : undefined
  } catch {
    return undefined
  }
}

const emptyStage: BuildStage = {
  environment: {},
  ports: [],
  volumes: [],
  command: [],
  entrypoint: [],
  hasShellCommand: false,
}

const pairsOf = (rest: string): readonly (readonly [string, string])[] => {
  const words = wordsOf(rest)
  const [name = ''] = words
  if (!name.includes('=')) return [[name, words.slice(1).join(' ')]]
  return words.map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)])
}

const healthOf = (rest: string): readonly string[] | undefined => {
  const [, command] = /(?:^|\s)CMD\s+(.*)$/.exec(rest) ?? []
  return command === undefined ? undefined : (jsonList(command) ?? ['sh', '-c', command])
}

/** What only a shell understands. */
const shellSyntax = /[$&|;<>()`*?~\n]/

const wordsOfLine = (line: string): readonly string[] => (shellSyntax.test(line) ? ['sh', '-c', line] : wordsOf(line))

const applyTo = (stage: BuildStage, { name, rest }: Instruction, fill: (text: string) => string): void => {
  const list = jsonList(rest)
  if (name === 'ENV') for (const [key, value] of pairsOf(rest)) stage.environment[key] = fill(value)
  else if (name === 'EXPOSE')
    stage.ports.push(
      ...wordsOf(fill(rest))
        .map((word) => Number.parseInt(word, 10))
        .filter(Number.isInteger),
    )
  else if (name === 'VOLUME') stage.volumes.push(...(list ?? wordsOf(rest)).map(fill))
  else if (name === 'USER') stage.user = fill(rest)
  else if (name === 'ENTRYPOINT') stage.entrypoint = list ?? ['sh', '-c', rest]
  else if (name === 'CMD') {
    stage.command = list ?? wordsOfLine(rest)
    stage.hasShellCommand = list === undefined
  } else if (name === 'HEALTHCHECK') {
    const health = healthOf(rest)
    if (health !== undefined) stage.health = health
  }
}

/** The last stage, with what it has from stages before. */
const lastStage = (text: string): BuildStage | undefined => {
  const stages = new Map<string, BuildStage>()
  const variables: Record<string, string> = {}
  let stage: BuildStage | undefined
  const fill = (value: string): string =>
    value.replace(/\$(?:\{(\w+)(?::?-([^}]*))?\}|(\w+))/g, (all, braced?: string, other?: string, bare?: string) => {
      const name = braced ?? bare ?? ''
      return stage?.environment[name] ?? variables[name] ?? other ?? all
    })
  for (const instruction of instructionsOf(text)) {
    const { name, rest } = instruction
    if (name === 'ARG') {
      const [, key = '', value = ''] = /^(\w+)(?:=(.*))?$/.exec(rest) ?? []
      variables[key] = wordsOf(value).join(' ')
    } else if (name === 'FROM') {
      const [, base = '', alias] = /^(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?/i.exec(rest) ?? []
      stage = structuredClone(stages.get(base) ?? emptyStage)
      if (alias !== undefined) stages.set(alias, stage)
    } else if (stage !== undefined) applyTo(stage, instruction, fill)
  }
  return stage
}

const isNoise = (name: string): boolean => name === 'PATH' || name.endsWith('_VERSION')

/** A command of the image with the places that a plain process has. */
const placed = (word: string, { ports: [port], volumes }: Pick<ContainerDraft, 'ports' | 'volumes'>): string =>
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
  const isPlain = stage.command.length > 0 && stage.entrypoint.length === 0
  const container: ContainerDraft = {
    name: 'web',
    image: `${name}:1`,
    build: { context, ...(basename(file) === 'Dockerfile' ? {} : { dockerfile: basename(file) }) },
    ...(isPlain ? { process: { command: stage.command.map((word) => placed(word, stage)), directory: context } } : {}),
    environment: Object.fromEntries(Object.entries(stage.environment).filter(([key]) => !isNoise(key))),
    ports: stage.ports,
    volumes: stage.volumes.filter((path) => path !== '/tmp'),
    writable: [],
    user: stage.user ?? 'root',
    ...(stage.health === undefined ? {} : { health: stage.health }),
    after: [],
    isPublished: true,
    questions: [
      ...(stage.hasShellCommand
        ? ['CMD is a line for a shell: does the product get SIGTERM? Its list form passes it on.']
        : []),
      ...(isPlain
        ? ['`process` is only for machines without a container engine: does it run there, and listen on PORT?']
        : []),
    ],
  }
  return { source: file, name, containers: [container] }
}
