import { demoApi } from '../acceptance/api.ts'
import { openBenchHost, signUpPeople } from './host/bench-host.ts'
import type { Section } from './measurement.ts'
import { distanceInSpreads, interquartileRange, median } from './statistics.ts'

const addresses = 40
const rounds = 4

/** Two samples of this size from one distribution differ by more in less than one run of a thousand. */
const bar = 0.5

/**
 * Compares the times of sign-ups with a known and an unknown address. Both addresses have signed up once
 * before, so that they differ only in the account.
 */
export const measureSignupTimes = async (): Promise<Section> => {
  await using host = await openBenchHost({ purpose: 'signups', runtime: 'processes', pool: 0 })
  const { signUp } = demoApi(host.url)
  const known = (await signUpPeople(host.url, 'known', addresses)).map(({ email }) => email)
  const unknown = known.map((email) => email.replace('known', 'other'))
  for (const email of unknown) await signUp(email)

  const timed = async (email: string): Promise<number> => {
    const startedAt = performance.now()
    await signUp(email)
    return performance.now() - startedAt
  }
  const times: Readonly<Record<'known' | 'unknown', number[]>> = { known: [], unknown: [] }
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, email] of known.entries()) {
      const other = unknown[index] ?? ''
      // Each kind goes first equally often, because the second finds the host warmer.
      if ((index + round) % 2 === 0) times.known.push(await timed(email))
      times.unknown.push(await timed(other))
      if ((index + round) % 2 === 1) times.known.push(await timed(email))
    }
  }
  return {
    title: 'Sign-up answers for known and unknown addresses',
    measurements: [
      { name: 'sign-up, known address, median', value: median(times.known), unit: 'ms' },
      { name: 'sign-up, unknown address, median', value: median(times.unknown), unit: 'ms' },
      {
        name: 'distance of the medians, in interquartile ranges of all',
        value: distanceInSpreads(times.known, times.unknown),
        unit: 'IQR',
        bar: { atMost: bar },
      },
    ],
    notes: [
      `${times.known.length} of each, in turn; interquartile range ${interquartileRange([...times.known, ...times.unknown]).toFixed(2)} ms.`,
    ],
  }
}
