import { createOffers } from '../../lambdas/offers/offers.ts'

/** Only the installation's own offer. */
export const noOffers = createOffers([], 'http://localhost:4000')
