import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { dirname } from 'node:path'

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
  readonly mountPoints?: readonly { readonly sourceVolume: string; readonly containerPath: string }[]
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
}

/** Runs a task's containers on this machine, the traffic container's first, and resolves once they have been started. */
export type RunTask = (containers: readonly PlayedContainer[], place: TaskPlace) => Promise<RunningContainers>

/** Milliseconds between asking a container to end and making it; on Fargate thirty seconds. */
const grace = 1000

const endOf = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  await once(child, 'exit')
}

/**
 * Containers as processes. One alone listens at the task's address and nowhere else; of several, which talk over loopback,
 * every address of this machine reaches it.
 * @param programOf the program that stands for a container, and its arguments.
 */
export const asProcesses =
  (programOf: (container: PlayedContainer) => readonly [string, ...string[]]): RunTask =>
  async (containers, { host, dataDirectory, environmentOf }) => {
    const children: ChildProcess[] = []
    for (const container of containers) {
      const [program, ...args] = programOf(container)
      const env = {
        ...(await environmentOf(container)),
        DATA_DIRECTORY: dataDirectory,
        ...(containers.length === 1 ? { HOST: host } : {}),
        PATH: dirname(process.execPath),
      }
      const child = spawn(program, args, { cwd: dataDirectory, env, stdio: 'ignore' })
      child.on('error', () => child.kill())
      children.push(child)
    }
    const ends = children.map(endOf)
    return {
      firstEnd: Promise.race(ends),
      stop: async () => {
        for (const child of children) child.kill('SIGTERM')
        const force = setTimeout(() => {
          for (const child of children) child.kill('SIGKILL')
        }, grace)
        await Promise.all(ends)
        clearTimeout(force)
      },
    }
  }
