import { RemovalPolicy, Validations } from 'aws-cdk-lib'
import { Secret } from 'aws-cdk-lib/aws-secretsmanager'
import { Construct } from 'constructs'
import { type Names, type SecretName, secretNames } from '../../../cloud/names.ts'

interface SecretsProps {
  readonly names: Pick<Names, 'secret'>
  /** The account and region of the installation. */
  readonly region: string
  /** The region of CloudFront's stack, which reads `origin` there. */
  readonly frontRegion: string
}

const purposes = {
  codes: 'Keys the hashes of sign-in codes, and proofs of work',
  sites: 'What the secrets of every site are derived from',
  origin: 'Shows the API that a request came through CloudFront',
  probe: 'Shows a router that a function of ours asks',
  webhooks: 'What the secrets of webhook endpoints are derived from',
  stripe: "The key of Stripe's API, to be put in place of the generated text",
  'stripe-webhook': "What Stripe's webhook signs with, to be put in place of the generated text",
} as const satisfies Readonly<Record<SecretName, string>>

/** Only letters and digits, so that every protocol accepts it unchanged: 62⁴³ is more than 2²⁵⁶. */
const generated = { passwordLength: 43, excludePunctuation: true } as const

/** The secrets of an installation. AWS generates them, and nobody sees them. An operator replaces those of Stripe. */
export class Secrets extends Construct {
  readonly #made: ReadonlyMap<SecretName, Secret>

  constructor(scope: Construct, id: string, { names, region, frontRegion }: SecretsProps) {
    super(scope, id)
    this.#made = new Map(secretNames.map((name) => [name, this.#make(name, names)]))
    if (region !== frontRegion) this.of('origin').addReplicaRegion(frontRegion)
    Validations.of(this).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason:
        'None can be rotated automatically: sites keep what is derived from `sites`, pending codes are checked with `codes`, ' +
        '`probe` must change on both sides at once, receivers of webhooks keep what is derived from `webhooks`, and changing `origin` requires a deploy. docs/deploy.md says how.',
    })
  }

  /** The secret of that name. */
  of(name: SecretName): Secret {
    const secret = this.#made.get(name)
    if (secret === undefined) throw new Error(`there is no secret '${name}'`)
    return secret
  }

  #make(name: SecretName, names: SecretsProps['names']): Secret {
    return new Secret(this, name, {
      secretName: names.secret(name),
      description: purposes[name],
      generateSecretString: generated,
      removalPolicy: RemovalPolicy.RETAIN,
    })
  }
}
