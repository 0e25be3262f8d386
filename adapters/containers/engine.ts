import { existsSync } from 'node:fs'
import type Docker from 'dockerode'
import * as z from 'zod'

/** A container engine that speaks the Docker Engine API: Docker or Podman. */
export interface Engine {
  /** Where it listens, for people to read. */
  readonly address: string
  /** For quick calls, which fail without an answer within the time limit. */
  readonly calls: Docker
  /** For builds, pulls and events, which may be silent for long. */
  readonly streams: Docker
}

/** The time limit of a request: a container may take seconds to stop, a hung engine takes forever. */
const callTimeoutMilliseconds = 30_000

/** @param address `unix://<path>`, `tcp://<host>:<port>` without TLS, or undefined for the value of `DOCKER_HOST` with its TLS settings. */
export const connectEngine = async (
  address: string | undefined,
  timeout: number = callTimeoutMilliseconds,
): Promise<Engine> => {
  // It takes a sixth of a second to load, which a host without an engine need not wait for.
  const { default: Client } = await import('dockerode')
  const { protocol, hostname, port } = new URL(address ?? 'unix:')
  // A host of its own keeps DOCKER_HOST from overriding the socket.
  const named: Docker.DockerOptions =
    protocol === 'unix:'
      ? { socketPath: address?.replace('unix://', ''), host: undefined }
      : { protocol: 'http', host: hostname, port: port || 2375 }
  const where = address === undefined ? {} : named
  return {
    address: address ?? process.env['DOCKER_HOST'] ?? 'the default address',
    calls: new Client({ ...where, timeout }),
    streams: new Client(where),
  }
}

/** An address where nothing listens refuses at once. An engine that its socket starts, or on a busy machine, takes seconds. */
const answerMilliseconds = 5000

const answers = async (address: string | undefined): Promise<boolean> => {
  if (address?.startsWith('unix://') && !existsSync(address.slice('unix://'.length))) return false
  try {
    await (await connectEngine(address, answerMilliseconds)).calls.ping()
    return true
  } catch {
    return false
  }
}

/** The engine at an address, if it answers in time. */
export const engineAt = async (address: string | undefined): Promise<Engine | undefined> =>
  (await answers(address)) ? connectEngine(address) : undefined

/** Docker's socket, Podman's, and Podman's in the name of an ordinary user. */
const usualAddresses = (): readonly string[] => {
  const own = process.env['XDG_RUNTIME_DIR']
  const shared = ['unix:///var/run/docker.sock', 'unix:///run/podman/podman.sock']
  return own ? [...shared, `unix://${own}/podman/podman.sock`] : shared
}

/** Finds the engine of `DOCKER_HOST` if set, otherwise the first address that answers in time. */
export const findEngine = async (addresses: readonly string[] = usualAddresses()): Promise<Engine | undefined> => {
  if (process.env['DOCKER_HOST']) return engineAt(undefined)
  for (const address of addresses) {
    const engine = await engineAt(address)
    if (engine !== undefined) return engine
  }
  return undefined
}

/** What engines call the processors that an image can name in another way. */
const aliases: Readonly<Record<string, string>> = { x86_64: 'amd64', aarch64: 'arm64' }
export const processorOf = (name: string): string => aliases[name] ?? name

const processors = new WeakMap<Engine, string>()

/** The processor of an engine's machine. Asks each engine once: Podman takes a third of a second to answer. */
export const architectureOf = async (engine: Engine): Promise<string> => {
  const architecture = processors.get(engine) ?? processorOf((await engine.calls.version()).Arch)
  processors.set(engine, architecture)
  return architecture
}

/** Reads an engine's JSON lines to their end. Unlike readline it throws when the connection breaks. */
export async function* jsonLines(stream: NodeJS.ReadableStream): AsyncGenerator<unknown> {
  stream.setEncoding('utf8')
  let rest = ''
  for await (const chunk of stream) {
    const lines = `${rest}${chunk}`.split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line.trim() !== '') yield JSON.parse(line)
  }
  if (rest.trim() !== '') yield JSON.parse(rest)
}

const lineSchema = z.object({ error: z.string().optional(), stream: z.string().optional() })

/**
 * Reads an engine's progress of a build, a pull or an import to its end.
 * @throws {Error} with the reported failure and the last lines of output.
 */
export const followToEnd = async (progress: NodeJS.ReadableStream): Promise<void> => {
  const output: string[] = []
  for await (const value of jsonLines(progress)) {
    const line = lineSchema.parse(value)
    if (line.stream !== undefined) output.push(line.stream.trim())
    if (line.error !== undefined) throw new Error([...output.slice(-5), line.error].filter(Boolean).join('\n'))
  }
}
