import * as z from 'zod'

const hex = z
  .string()
  .regex(/^(?:[0-9a-f]{2})+$/)
  .max(256)

/** A signed challenge in the format of ALTCHA 2. */
export const challengeSchema = z
  .strictObject({
    parameters: z.strictObject({
      algorithm: z.literal('PBKDF2/SHA-256'),
      cost: z.int().positive(),
      data: z.strictObject({
        expiresAt: z.iso.datetime({ precision: 3 }),
        /** How many times as many attempts as the easiest takes; 1 by default. */
        difficulty: z.int().positive().exactOptional(),
      }),
      keyLength: z.int().positive(),
      keyPrefix: hex,
      keySignature: hex,
      nonce: hex,
      salt: hex,
    }),
    signature: hex,
  })
  .meta({
    id: 'Challenge',
    description:
      'Find the `counter` for which PBKDF2-SHA-256 of `nonce` followed by the counter (32 bits, big-endian), with ' +
      '`salt`, `cost` and `keyLength`, begins with `keyPrefix`. Counters start at 0.',
  })
export type Challenge = z.infer<typeof challengeSchema>

export const proofSchema = z
  .strictObject({
    challenge: challengeSchema,
    solution: z.strictObject({ counter: z.int().nonnegative().max(0xffff_ffff), derivedKey: hex }),
  })
  .meta({ id: 'Proof' })
export type Proof = z.infer<typeof proofSchema>
