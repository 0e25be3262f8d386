import type { CopySchedule } from '../../../core/plan/plan.ts'
import type { Launch } from '../../../core/ports/runtime.ts'
import type { SiteStatus } from '../../../core/site/site.ts'
import type { FaultKind } from './fault-point.ts'
import type { World } from './world.ts'

/** Something that a host does, to be swept. */
export interface Scenario {
  readonly name: string
  /** A property of the sites that are built. */
  readonly health: 'well' | 'sick'
  /** Whether two may have the data open at once; not, unless it is said. */
  readonly data?: 'shared'
  /** Whether its sites start only when they have an owner. */
  readonly startsAtClaim?: true
  /** How its product learns who the owner is: by a hook, whose first call fails after its work, or by a command. */
  readonly handsOver?: 'by-hook' | 'by-task'
  /** What does not become healthy until the world is cured. */
  readonly ailing?: (launch: Launch) => boolean
  /** How many sites the pool should have from the start. */
  readonly poolTarget: number
  /** Whether a router stores a use of a site just after its record said that it sleeps. */
  readonly isUsedAsleep?: boolean
  /** How much sooner a sweep gives a silent site up than it would. */
  readonly haste?: number
  /** The schedule of copies that all plans have; none by default. */
  readonly copies?: CopySchedule
  /** What happens at its calls; all that can happen to a call, by default. */
  readonly kinds?: readonly FaultKind[]
  /** Calls of this scenario that only look whether something has come about. */
  readonly polls?: RegExp
  /** Whether the archiver's work is done by processes of their own, as it really is; otherwise by the test's process. */
  readonly archiver?: 'workers'
  /** Without faults: brings about what has to be there before. What it returns is then swept. */
  readonly prepare: (world: World) => Promise<() => Promise<unknown>>
  /** How many of the owned sites end in which status. */
  readonly expected: Readonly<Partial<Record<SiteStatus, number>>>
  /** What else has to be true in the end. */
  readonly check?: (world: World) => Promise<readonly string[]>
}
