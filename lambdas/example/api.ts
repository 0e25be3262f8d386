import { SitewrightError } from '../../core/errors.ts'
import { isId } from '../../core/ids.ts'
import type { SiteStore } from '../../core/ports/stores.ts'
import { requireOwnSite } from '../../core/site/change-site.ts'
import { type OwnerPorts, ownerEndpoint } from '../_runtime/endpoint.ts'
import { type HttpPorts, httpHandler } from '../_runtime/http-handler.ts'
import type { Greetings } from './greeting.ts'
import { greetingOperations } from './operations.ts'

interface GreetingApiPorts extends OwnerPorts, HttpPorts {
  readonly sites: Pick<SiteStore, 'get'>
  readonly greetings: Pick<Greetings, 'get'>
}

export const create = (ports: GreetingApiPorts) =>
  httpHandler(
    [
      ownerEndpoint(greetingOperations.getGreeting, ports, async ({ params: { id } }, { session }) => {
        const site = requireOwnSite(isId('site', id) ? await ports.sites.get(id) : undefined, session.accountId)
        const greeting = await ports.greetings.get(site.id)
        if (greeting === undefined) throw new SitewrightError('NotFound', 'The site was not greeted yet.')
        return { status: 200, body: { text: greeting.text, at: greeting.at } }
      }),
    ],
    ports,
  )
