import * as z from 'zod'
import { SitewrightError } from '../../core/errors.ts'

const answerSchema = z.object({ statusCode: z.number(), message: z.string() })

/** The engine's answer instead of doing as asked; status 0 where it did not answer at all. */
export interface Refusal {
  readonly status: number
  readonly reason: string
}

export const refusalOf = (error: unknown): Refusal => {
  const answer = answerSchema.safeParse(error)
  if (answer.success) return { status: answer.data.statusCode, reason: answer.data.message.trim() }
  return { status: 0, reason: error instanceof Error ? error.message : 'unknown' }
}

/** The thing is already as asked: it runs, it is stopped, it is gone. */
export const isSettled = (error: unknown): boolean => [304, 404].includes(refusalOf(error).status)

/** Podman before 4.4 fails to list containers of which one just ends (its issue 16383). */
export const isJustEnding = (error: unknown): boolean => /\/cgroup: no such process/i.test(refusalOf(error).reason)

/** A name is in use. Podman answers so with 500. */
export const isTaken = (error: unknown): boolean => {
  const { status, reason } = refusalOf(error)
  if (isAddressTaken(error)) return false
  return status === 409 || (status === 500 && /\bname\b.* already |already exists/i.test(reason))
}

/** Docker takes a network for one that containers are connected to. */
export const isInUse = (error: unknown): boolean => /has active endpoints/i.test(refusalOf(error).reason)

export const isMissingImage = (error: unknown): boolean => {
  const { status, reason } = refusalOf(error)
  return status === 404 && /image/i.test(reason)
}

/** Something else on the machine has the port of the site, or the network or bridge that goes with it. */
export const isAddressTaken = (error: unknown): boolean =>
  /address already in use|port is already allocated|ports are not available|subnet .*already|overlaps|bridge name .*already|same bridge name/i.test(
    refusalOf(error).reason,
  )

/** The engine has used up the ranges from which it takes a network's addresses: Docker's hold about thirty. */
export const isOutOfSubnets = (error: unknown): boolean =>
  /non-overlapping|fully subnetted|could not find free subnet/i.test(refusalOf(error).reason)

/** The helper that the engine puts in front of a container's program is not installed. */
export const isMissingInit = (error: unknown): boolean =>
  /container-init|catatonit|docker-init/i.test(refusalOf(error).reason)

const startsInVain =
  /not found|no such file|permission denied|not permitted|exec format|is a directory|invalid|OCI runtime/i

/** An engine's failure as something to try again. */
export const engineUnavailable = (error: unknown, doing: string): SitewrightError => {
  if (error instanceof SitewrightError) return error
  const { status, reason } = refusalOf(error)
  const what = status === 0 ? 'does not answer' : `answered ${status}`
  return new SitewrightError('RuntimeUnavailable', `The container engine ${what} when asked to ${doing}: ${reason}`, {
    cause: error,
  })
}

/** A failure to create or start a container: `LaunchFailed` where the same launch would fail again. */
export const launchFailure = (error: unknown, doing: string): SitewrightError => {
  if (error instanceof SitewrightError) return error
  const { status, reason } = refusalOf(error)
  const inVain = status === 400 || status === 404 || (status === 500 && startsInVain.test(reason))
  if (!inVain) return engineUnavailable(error, doing)
  return new SitewrightError(
    'LaunchFailed',
    `The container engine could not ${doing}: ${reason}. Correct the blueprint or its image, and publish it as a new version.`,
    { cause: error },
  )
}
