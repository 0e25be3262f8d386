import type { Launch, OneOff } from '../ports/runtime.ts'
import type { Blueprint } from './blueprint.ts'
import { startsAfter } from './start-order.ts'

/** A container and those that it waits for, also indirectly. */
const neededBy = (blueprint: Blueprint, name: string): ReadonlySet<string> => {
  const needed = new Set([name])
  for (const one of needed) {
    const container = blueprint.containers.find((found) => found.name === one)
    for (const before of container === undefined ? [] : startsAfter(blueprint, container)) needed.add(before)
  }
  return needed
}

/** The launch of a command: the traffic container with the command instead of its own, and the containers that it waits for. */
export const oneOffLaunch = (
  launch: Launch,
  { command, processCommand = command, environment, secrets: others }: Omit<OneOff, 'key' | 'seconds'>,
): Launch => {
  const { blueprint, secrets } = launch
  const needed = neededBy(blueprint, blueprint.traffic.container)
  const own = Object.keys(environment)
  const containers = blueprint.containers
    .filter(({ name }) => needed.has(name))
    .map((container) => {
      if (container.name !== blueprint.traffic.container) return container
      const { health: _, process, ...kept } = container
      return {
        ...kept,
        command,
        ...(process && { process: { ...process, command: processCommand } }),
        environment: Object.fromEntries(Object.entries(container.environment).filter(([name]) => !own.includes(name))),
        // They get what only secrets have: nobody reads them in a task definition.
        secrets: [...new Set([...container.secrets, ...own])],
      }
    })
  return { ...launch, blueprint: { ...blueprint, containers }, secrets: { ...secrets, ...others, ...environment } }
}
