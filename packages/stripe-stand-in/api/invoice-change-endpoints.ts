import type * as z from 'zod'
import { advanceInvoice, voidOpenInvoice, writeOffInvoice } from '../billing/invoicing.ts'
import { invoiceObject, requireInvoice } from '../resources/invoices.ts'
import type { World } from '../world.ts'
import { endpoint, flag, mergeMetadata, metadataParameter } from './endpoint.ts'

const updateInvoice = (
  world: World,
  id: string,
  given: { readonly auto_advance: boolean; readonly metadata?: z.output<typeof metadataParameter> | undefined },
) => {
  const invoice = requireInvoice(world, id)
  const metadata = mergeMetadata(invoice.metadata, given.metadata)
  return invoiceObject(world, advanceInvoice(world, { ...invoice, metadata }, given.auto_advance))
}

export const invoiceChangeEndpoints = [
  endpoint('POST', '/v1/invoices/:id', { auto_advance: flag, metadata: metadataParameter.optional() }, updateInvoice),
  endpoint('POST', '/v1/invoices/:id/void', {}, (world, id) =>
    invoiceObject(world, voidOpenInvoice(world, requireInvoice(world, id))),
  ),
  endpoint('POST', '/v1/invoices/:id/mark_uncollectible', {}, (world, id) =>
    invoiceObject(world, writeOffInvoice(world, requireInvoice(world, id))),
  ),
]
