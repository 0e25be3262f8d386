import { join } from 'node:path'
import { deriveSecret } from '../adapters/derived-secrets/derive-secret.ts'
import { everybodyHere, openPeopleFile } from '../adapters/operators/people-file.ts'
import type { Mailer } from '../core/ports/delivery.ts'
import type { OperatorAttemptStore, OperatorDirectory, OperatorSignIn } from '../lambdas/operators/ports.ts'
import type { HostSecrets } from './secrets.ts'

/** The list of a host's operators, as its command changes it. */
export const peopleFileOf = (directory: string, { codePepper }: Pick<HostSecrets, 'codePepper'>) =>
  openPeopleFile({ path: join(directory, 'operators.json'), secret: codePepper })

/** How operators sign in to this host: a public one has a list of them, one's own machine has not. */
export const operatorsOf = ({
  isPublic,
  home,
  secrets,
  attempts,
  mailer,
}: {
  readonly isPublic: boolean
  readonly home: { readonly directory: string }
  readonly secrets: HostSecrets
  readonly attempts: OperatorAttemptStore
  readonly mailer: Mailer
}): { readonly operatorDirectory: OperatorDirectory; readonly operatorSignIn: OperatorSignIn } => {
  if (!isPublic) return { operatorDirectory: everybodyHere, operatorSignIn: { method: 'this-machine' } }
  const { people, directory } = peopleFileOf(home.directory, secrets)
  const secret = deriveSecret(secrets.codePepper, 'sitewright operator codes')
  return { operatorDirectory: directory, operatorSignIn: { method: 'code-and-totp', people, attempts, mailer, secret } }
}
