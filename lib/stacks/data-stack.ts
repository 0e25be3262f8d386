import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import type { Key } from 'aws-cdk-lib/aws-kms'
import type { Bucket } from 'aws-cdk-lib/aws-s3'
import type { Construct } from 'constructs'
import { ArchiverBoundary, SiteBoundary } from '../constructs/data/boundaries.ts'
import { Buckets } from '../constructs/data/buckets.ts'
import { Keys } from '../constructs/data/keys.ts'
import { MailIdentity } from '../constructs/data/mail-identity.ts'
import { ReportTables } from '../constructs/data/report-tables.ts'
import { Secrets } from '../constructs/data/secrets.ts'
import { SiteRepositories } from '../constructs/data/site-repositories.ts'
import { Tables } from '../constructs/data/tables.ts'
import { type Deployment, frontRegion, hostedZoneOf, StageStack } from '../deployment.ts'

/**
 * Resources that must not be lost. They stay when the stack is deleted, and have fixed names so that no deploy replaces them. It
 * includes the domain of the mail sender, which outlasts deployments too because its reputation grows slowly.
 */
export class DataStack extends StageStack {
  readonly tables: { readonly main: TableV2; readonly short: TableV2 }
  readonly archiveBucket: Bucket
  /** For access logs, each kind under its own prefix; only S3 and load balancers write here. */
  readonly accessLogs: Bucket
  readonly dataKey: Key
  readonly entitlementKey: Key
  readonly secrets: Secrets

  constructor(scope: Construct, deployment: Deployment) {
    const { names, stage, blueprints } = deployment
    super(scope, deployment, 'data', {
      description: 'Sitewright: tables, archives, reports, keys, secrets and the name that mail comes from',
    })
    const keys = new Keys(this, 'Keys', { names })
    this.dataKey = keys.data
    this.entitlementKey = keys.entitlement
    this.tables = new Tables(this, 'Tables', { prefix: names.tables })
    const buckets = new Buckets(this, 'Buckets', { installation: names.installation, key: this.dataKey })
    this.archiveBucket = buckets.archives
    this.accessLogs = buckets.accessLogs
    new ReportTables(this, 'Reports', { installation: names.installation, bucket: buckets.reports })
    this.secrets = new Secrets(this, 'Secrets', { names, region: stage.region, frontRegion })
    new SiteRepositories(this, 'SiteRepositories', { names, blueprints })
    new SiteBoundary(this, 'SiteBoundary', { names })
    new ArchiverBoundary(this, 'ArchiverBoundary', { names, archives: this.archiveBucket, key: this.dataKey })
    new MailIdentity(this, 'Mail', {
      names,
      mailFrom: stage.mailFrom,
      hostedZone: hostedZoneOf(this, stage.console.hostedZone),
    })
  }
}
