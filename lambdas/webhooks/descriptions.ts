import * as z from 'zod'
import { webhookBodySchema, webhookCatalogue, webhookTypes } from './webhook-types.ts'

const headers = z.object({
  'webhook-id': z.string().meta({ description: 'The same for every attempt: ignore one that you know.' }),
  'webhook-timestamp': z.string().meta({ description: 'The seconds since 1970 of this attempt.' }),
  'webhook-signature': z.string().meta({ description: 'One signature or, while a secret is rotated, two: `v1,…`.' }),
})

/** The webhooks of OpenAPI 3.1, from the catalogue. */
export const webhookDescriptions = () =>
  Object.fromEntries(
    webhookTypes.map((type) => [
      type,
      {
        post: {
          operationId: type,
          summary: webhookCatalogue[type].summary,
          requestParams: { header: headers },
          requestBody: { required: true, content: { 'application/json': { schema: webhookBodySchema(type) } } },
          responses: {
            '2XX': { description: 'Accepted. Any other answer, or none within 10 seconds, is retried for three days.' },
            '410': { description: 'Not wanted any more: the endpoint is disabled.' },
          },
        },
      },
    ]),
  )
