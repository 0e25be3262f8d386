import type { Blueprint, BlueprintContainer } from '../../core/blueprint/blueprint.ts'
import { SitewrightError } from '../../core/errors.ts'
import type { Launch } from '../../core/ports/runtime.ts'
import { leftoverMarks } from '../leftovers/find-leftovers.ts'
import { containerEnvironment } from '../site-runtime/container-environment.ts'

/** One process to start: program, arguments, working directory and the whole of its environment. */
export interface ChildCommand {
  readonly name: string
  readonly file: string
  readonly args: readonly string[]
  readonly directory: string
  readonly environment: Readonly<Record<string, string>>
}

export interface ChildSurroundings {
  readonly homeId: string
  readonly dataDirectory: string
  readonly port: number
  /** Makes a path of a blueprint, which is relative to the blueprint's file, absolute. */
  readonly resolvePath: (blueprint: Blueprint, path: string) => string
}

const childCommand = (container: BlueprintContainer, launch: Launch, around: ChildSurroundings): ChildCommand => {
  const { blueprint } = launch
  const [program = '', ...args] = container.process?.command ?? []
  if (container.process === undefined) {
    throw new SitewrightError(
      'LaunchFailed',
      `The container '${container.name}' of the blueprint '${blueprint.name}' version ${blueprint.version} does not say how it ` +
        `runs as a process: give it a 'process', or run the host with a container engine.`,
    )
  }
  return {
    name: container.name,
    file: program === 'node' ? process.execPath : program,
    args,
    directory: around.resolvePath(blueprint, container.process.directory),
    environment: {
      PATH: process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
      ...containerEnvironment(container, launch),
      HOST: '127.0.0.1',
      PORT: String(around.port),
      DATA_DIRECTORY: around.dataDirectory,
      ...leftoverMarks(around.homeId, 'site'),
    },
  }
}

/**
 * What to start for a launch, in the blueprint's order. Nothing of the host's own environment reaches a site but `PATH`.
 * @throws {SitewrightError} `LaunchFailed` where a container of the blueprint cannot run as a process.
 */
export const childCommands = (launch: Launch, around: ChildSurroundings): readonly ChildCommand[] =>
  launch.blueprint.containers.map((container) => childCommand(container, launch, around))
