import type { SiteId } from '../../core/ids.ts'
import type { Clocks } from '../../core/ports/context.ts'
import type { Workflows } from '../../core/ports/workflows.ts'
import { type Greetings, greetingOf } from './greeting.ts'

/** Starts the workflow that greets a site. The same event again finds it started. */
export const beginGreeting = ({ workflows }: { readonly workflows: Workflows }, siteId: SiteId, causationId: string) =>
  workflows.start('greet-site', `greet-${causationId}`, { siteId, fence: 1 })

interface GreetSitePorts {
  readonly greetings: Pick<Greetings, 'keep'>
  readonly clocks: Clocks
  readonly brand: string
}

/** Keeps the greeting of a site. Repeating it changes only the time. */
export const greetSite = async (
  { greetings, clocks, brand }: GreetSitePorts,
  { siteId }: { readonly siteId: SiteId },
): Promise<void> => greetings.keep(greetingOf(siteId, brand, clocks.domain()))
