import { apiVersion } from '../../adapters/stripe/client.ts'
import { type ApiProxy, type ApiProxyOptions, openApiProxy } from './api-proxy.ts'
import { describedVersion } from './known-differences.ts'

const target = process.env['STRIPE_MOCK_URL']
if (target === undefined) throw new Error('Start stripe-mock first: export $(.ci/stripe-mock start)')

/**
 * stripe-mock, which knows nothing of what was made before: what the adapter has to find in answers to continue, such as
 * our metadata, is written into them on their way.
 */
export const openMockProxy = (retouch: NonNullable<ApiProxyOptions['retouch']>): Promise<ApiProxy> =>
  openApiProxy({ target, retouch, rewrite: (body) => body.replace(apiVersion, describedVersion) })
