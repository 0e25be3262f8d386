import { createProofOfWork } from '../../adapters/altcha/proof-of-work.ts'
import type { Proof } from '../../core/challenge.ts'
import type { AbusePolicy } from '../../lambdas/signup/abuse/abuse-policy.ts'
import { type ApiStage, openApiStage } from '../lambdas/api-stage.ts'

type Replace = NonNullable<Parameters<typeof openApiStage>[0]>

/** The API under a policy for abuse that holds for everybody. */
export const openStrictStage = (abuse: AbusePolicy, replace: Replace = () => ({})): Promise<ApiStage> =>
  openApiStage((ports) => ({
    ...replace(ports),
    abuse,
    proofOfWork: createProofOfWork({ signatureSecret: 'a', keySecret: 'b', cost: 1, attempts: 50 }),
  }))

export const startSignup = (stage: ApiStage, email: string, more: { sourceIp?: string; proof?: Proof } = {}) => {
  const { proof, sourceIp = '192.0.2.1' } = more
  return stage.send({
    method: 'POST',
    path: '/v1/signups',
    sourceIp,
    body: { email, ...(proof === undefined ? {} : { proof }) },
  })
}

export const verify = (stage: ApiStage, id: string, code: string, sourceIp = '192.0.2.1') =>
  stage.send({ method: 'POST', path: `/v1/signups/${id}/verification`, sourceIp, body: { code } })

export const wrongCode = (code: string): string => (code === '000000' ? '000001' : '000000')

/** Signs in once, so that the address is known. */
export const makeKnown = async (stage: ApiStage, email: string): Promise<void> => {
  const { json } = await startSignup(stage, email)
  const { status } = await verify(stage, String(json['id']), stage.codeFor(email))
  if (status !== 200) throw new Error(`${email} could not sign in`)
}
