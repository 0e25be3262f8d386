import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { childEnvironment } from '../../support/child-environment.ts'
import { grace, isOfLease, playLease } from './played-lease.ts'

/** A container of a task definition, so far as it is played. */
export interface PlayedContainer {
  readonly name: string
  readonly image: string
  readonly command?: readonly string[]
  readonly environment?: readonly { readonly name: string; readonly value: string }[]
  readonly secrets?: readonly { readonly name: string; readonly valueFrom: string }[]
  readonly portMappings?: readonly unknown[]
  readonly user?: string
  readonly readonlyRootFilesystem?: boolean
  readonly linuxParameters?: {
    readonly capabilities?: { readonly drop?: readonly string[] }
    readonly initProcessEnabled?: boolean
  }
  readonly ulimits?: readonly { readonly name: string; readonly softLimit: number; readonly hardLimit: number }[]
  readonly essential?: boolean
  readonly mountPoints?: readonly {
    readonly sourceVolume: string
    readonly containerPath: string
    readonly readOnly?: boolean
  }[]
  /** In units of which a core has 1024. */
  readonly cpu?: number
  /** In MiB. */
  readonly memory?: number
}

export interface TaskPlace {
  /** The address that the task is to be reached at. */
  readonly host: string
  /** The directory that is mounted as the site's data; it exists. */
  readonly dataDirectory: string
  /** The name of the volume that is the site's data; every other one begins empty. */
  readonly dataVolume: string
  /** What its definition gives a container, with the values of its secrets. */
  readonly environmentOf: (container: PlayedContainer) => Promise<Readonly<Record<string, string>>>
}

export interface RunningContainers {
  /** Resolves once the first of them has ended by itself. */
  readonly firstEnd: Promise<void>
  /** Ends them all, and resolves once they have. */
  readonly stop: () => Promise<void>
  /** With what each ended, where they are processes. */
  readonly exitCodes?: () => readonly { readonly name: string; readonly exitCode: number | null }[]
}

/** Runs a task's containers on this machine, the traffic container's first, and resolves once they have been started. */
export type RunTask = (containers: readonly PlayedContainer[], place: TaskPlace) => Promise<RunningContainers>

const endOf = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  await once(child, 'exit')
}

/** Paths below the data directory, as they are on this machine. */
const withData = (
  environment: Readonly<Record<string, string>>,
  { mountPoints = [] }: PlayedContainer,
  { dataDirectory, dataVolume }: TaskPlace,
): Readonly<Record<string, string>> => {
  const { containerPath } = mountPoints.find(({ sourceVolume }) => sourceVolume === dataVolume) ?? {}
  if (containerPath === undefined) return environment
  const isBelow = (value: string) => `${value}/`.startsWith(`${containerPath}/`)
  const moved = (value: string) => (isBelow(value) ? dataDirectory + value.slice(containerPath.length) : value)
  return Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, moved(value)]))
}

const helper = fileURLToPath(new URL('../../../cloud/site-helper.ts', import.meta.url))

/** Runs the container that writes files. @returns where they are. */
const writeFiles = async (environment: Readonly<Record<string, string>>): Promise<string> => {
  const directory = await mkdtemp(join(tmpdir(), 'sitewright-files-'))
  const child = spawn(process.execPath, [helper, 'files'], {
    env: childEnvironment({ ...environment, FILES_TO: directory }),
    stdio: 'inherit',
  })
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`the helper ended with ${code}`)
  return directory
}

/**
 * Containers as processes. One alone listens at the task's address and nowhere else; of several, which talk over loopback,
 * every address of this machine reaches it.
 * @param programOf the program that stands for a container, and its arguments.
 */
export const asProcesses =
  (programOf: (container: PlayedContainer) => readonly [string, ...string[]]): RunTask =>
  async (defined, place) => {
    const { host, dataDirectory, environmentOf } = place
    const children: ChildProcess[] = []
    const lease = await playLease(defined, place)
    const all = defined.filter((container) => !isOfLease(container))
    const containers = all.filter(({ essential }) => essential !== false)
    const volumes = new Map<string, string>()
    for (const writer of all.filter(({ essential }) => essential === false)) {
      volumes.set(writer.name, await writeFiles(await environmentOf(writer)))
    }
    for (const container of containers) {
      const isHelper = container.command?.includes('/app/site-helper/index.mjs') === true
      const [program, ...args] = isHelper ? [process.execPath, helper, 'port'] : programOf(container)
      const files = container.mountPoints?.find(({ readOnly }) => readOnly)
      const env = childEnvironment({
        ...withData(await environmentOf(container), container, place),
        DATA_DIRECTORY: dataDirectory,
        ...(files === undefined ? {} : { FILES_DIRECTORY: volumes.get(files.sourceVolume) }),
        ...(containers.length === 1 ? { HOST: host } : {}),
        PATH: dirname(process.execPath),
      })
      const child = spawn(program, args, { cwd: dataDirectory, env, stdio: 'ignore' })
      child.on('error', () => child.kill())
      children.push(child)
    }
    const ends = children.map(endOf)
    return {
      exitCodes: () => children.map(({ exitCode }, index) => ({ name: containers[index]?.name ?? '', exitCode })),
      firstEnd: Promise.race([...ends, ...(lease === undefined ? [] : [lease.lost])]),
      stop: async () => {
        for (const child of children) child.kill('SIGTERM')
        const force = setTimeout(() => {
          for (const child of children) child.kill('SIGKILL')
        }, grace)
        await Promise.all(ends)
        clearTimeout(force)
        await lease?.release()
      },
    }
  }
