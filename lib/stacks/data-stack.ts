import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib'
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import { Repository, TagMutability } from 'aws-cdk-lib/aws-ecr'
import { type IKey, Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms'
import type { Bucket } from 'aws-cdk-lib/aws-s3'
import { Secret } from 'aws-cdk-lib/aws-secretsmanager'
import { Construct } from 'constructs'
import { type SecretName, secretNames } from '../../cloud/names.ts'
import { ArchiverBoundary, SiteBoundary } from '../constructs/data/boundaries.ts'
import { Buckets } from '../constructs/data/buckets.ts'
import { MailIdentity } from '../constructs/data/mail-identity.ts'
import { ReportTables, Tables } from '../constructs/data/tables.ts'
import { type Deployment, frontRegion, hostedZoneOf, StageStack } from '../deployment.ts'

/** Long enough for somebody to notice: without the key, everything that it encrypted or certified is lost. */
const kept = { removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE, pendingWindow: Duration.days(30) } as const

class Keys extends Construct {
  readonly data: Key
  readonly entitlement: IKey

  constructor(scope: Construct, id: string, { names }: Deployment) {
    super(scope, id)
    this.data = new Key(this, 'Data', {
      ...kept,
      alias: `alias/${names.installation}-data`,
      description: 'Archives and the secrets of sites',
      enableKeyRotation: true,
    })
    // The root key of all entitlements. Sites trust what it certifies, so it can never be replaced.
    this.entitlement = new Key(this, 'Entitlement', {
      ...kept,
      alias: names.entitlementKey,
      description: "Certifies the routers' keys of the day",
      keySpec: KeySpec.ECC_NIST_EDWARDS25519,
      keyUsage: KeyUsage.SIGN_VERIFY,
    })
  }
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
class Secrets extends Construct {
  readonly #made: ReadonlyMap<SecretName, Secret>

  constructor(scope: Construct, id: string, { names, stage }: Deployment) {
    super(scope, id)
    const make = (name: SecretName): Secret =>
      new Secret(this, name, {
        secretName: names.secret(name),
        description: purposes[name],
        generateSecretString: generated,
        removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
      })
    this.#made = new Map(secretNames.map((name) => [name, make(name)]))
    // CloudFront's stack reads it there.
    if (stage.region !== frontRegion) this.of('origin').addReplicaRegion(frontRegion)
    Validations.of(this).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason:
        'None can be rotated automatically: sites keep what is derived from `sites`, pending codes are checked with `codes`, ' +
        '`probe` must change on both sides at once, receivers of webhooks keep what is derived from `webhooks`, and changing `origin` requires a deploy. docs/deploy.md says how.',
    })
  }

  of(name: SecretName): Secret {
    const secret = this.#made.get(name)
    if (secret === undefined) throw new Error(`there is no secret '${name}'`)
    return secret
  }
}

/**
 * Resources that must not be lost. They stay when the stack is deleted, and have fixed names so that no deploy replaces them. It
 * includes the domain of the mail sender, which outlasts deployments too because its reputation grows slowly.
 */
export class DataStack extends StageStack {
  readonly tables: { readonly main: TableV2; readonly short: TableV2 }
  readonly archiveBucket: Bucket
  /** For access logs, each kind under its own prefix; only S3 and load balancers write here. */
  readonly accessLogs: Bucket
  /** Encrypts archives and the secrets of sites. */
  readonly dataKey: Key
  readonly entitlementKey: IKey
  readonly secrets: Secrets

  constructor(scope: Construct, deployment: Deployment) {
    const { names, stage } = deployment
    super(scope, deployment, 'data', {
      description: 'Sitewright: tables, archives, reports, keys, secrets and the name that mail comes from',
    })
    const keys = new Keys(this, 'Keys', deployment)
    this.dataKey = keys.data
    this.entitlementKey = keys.entitlement
    this.tables = new Tables(this, 'Tables', names.tables)
    const buckets = new Buckets(this, 'Buckets', { installation: names.installation, key: this.dataKey })
    this.archiveBucket = buckets.archives
    this.accessLogs = buckets.accessLogs
    new ReportTables(this, 'Reports', { installation: names.installation, bucket: buckets.reports })
    this.secrets = new Secrets(this, 'Secrets', deployment)
    // Nothing expires: a version is kept while a site or an archive refers to it.
    new Repository(this, 'Blueprints', {
      repositoryName: names.blueprintRepository,
      imageTagMutability: TagMutability.IMMUTABLE,
      imageScanOnPush: true,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    })
    new SiteBoundary(this, 'SiteBoundary', deployment)
    new ArchiverBoundary(this, 'ArchiverBoundary', { names, archives: this.archiveBucket, key: this.dataKey })
    new MailIdentity(this, 'Mail', {
      names,
      mailFrom: stage.mailFrom,
      hostedZone: hostedZoneOf(this, stage.console.hostedZone),
    })
  }
}
