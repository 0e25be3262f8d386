import { SitewrightError } from '../errors.ts'

interface OrderedContainer {
  readonly name: string
  readonly after?: readonly string[] | undefined
  readonly health?: object | undefined
}

interface Ordered<Container = OrderedContainer> {
  readonly containers: readonly Container[]
  readonly traffic: { readonly container: string }
}

/** The containers that one waits for. If a blueprint states no order, all others wait for the traffic container. */
export const startsAfter = ({ containers, traffic }: Ordered, container: OrderedContainer): readonly string[] => {
  if (containers.some(({ after }) => after !== undefined)) return container.after ?? []
  return container.name === traffic.container ? [] : [traffic.container]
}

/** Whether another container waits until this one is healthy. */
export const isAwaited = (blueprint: Ordered, { name, health }: OrderedContainer): boolean =>
  health !== undefined && blueprint.containers.some((other) => startsAfter(blueprint, other).includes(name))

/** The containers in an order in which they can start; without those of a circle. */
export const startOrder = <Container extends OrderedContainer>(blueprint: Ordered<Container>): readonly Container[] => {
  const ordered: Container[] = []
  const hasStarted = (name: string): boolean => ordered.some((container) => container.name === name)
  for (;;) {
    const next = blueprint.containers.find(
      (container) => !ordered.includes(container) && startsAfter(blueprint, container).every(hasStarted),
    )
    if (next === undefined) return ordered
    ordered.push(next)
  }
}

export const notHealthy = (container: string, seconds: number): SitewrightError =>
  new SitewrightError(
    'LaunchFailed',
    `The container '${container}' did not become healthy within ${seconds} s: correct its \`health\`, or raise \`startSeconds\`.`,
  )

export const endedUnhealthy = (container: string, exitCode: number | null): SitewrightError =>
  new SitewrightError(
    'LaunchFailed',
    `The container '${container}' ended with exit code ${exitCode ?? 'unknown'} before it became healthy.`,
  )

/** In seconds. A call that starts a site on one machine may take 300 s. */
const longestAwaited = 240

/** How many seconds all containers of a start have together to become healthy for which others wait. */
export const awaitedSeconds = ({ traffic }: { readonly traffic: { readonly startSeconds: number } }): number =>
  Math.min(traffic.startSeconds, longestAwaited)
