import * as z from 'zod'

/** Seconds since 1970, by the domain clock: as Stripe counts. */
export const seconds = z.int()

/** Integer minor units; a credit is negative. */
export const amount = z.int()

/** ISO 4217 in lower case, as Stripe writes it. */
export const currency = z.string().regex(/^[a-z]{3}$/)

export const metadata = z.record(z.string(), z.string())
