import * as z from 'zod'
import { readBlueprintFile } from '../../adapters/files/blueprint-files.ts'
import { operatorToken } from '../command-line/operator-token.ts'
import { operatorsCall, Refused } from '../command-line/operators-call.ts'
import { messageOf } from '../command-line/read-options.ts'

const answerSchema = z.object({ name: z.string(), version: z.int(), state: z.string() })

/** The host failed, or did not answer: it may have published the blueprint. */
export class Unanswered extends Error {}

/**
 * Publishes a blueprint's file to the host at an address; neither needs a restart.
 * @returns a line for the terminal.
 * @throws {SitewrightError} `BlueprintInvalid` for a file that is at fault, {Refused} with the API's words if it refuses, {Unanswered}.
 */
export const publishOnMachine = async (file: string, { url }: { readonly url: string }): Promise<string> => {
  const content = await readBlueprintFile(file)
  const call = operatorsCall(url, await operatorToken(url))
  const body = { ...content, reason: 'npm run publish-blueprint' }
  const { name, version, state } = await call('blueprints', answerSchema, body).catch((error: unknown) => {
    throw error instanceof Refused ? error : new Unanswered(messageOf(error))
  })
  return state === 'draft'
    ? `${name} ${version} is a draft. It becomes current once a site of it is healthy: GET /v1/operator/blueprints says more.`
    : `${name} ${version} is published already.`
}
