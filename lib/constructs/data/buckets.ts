import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib'
import type { IKey } from 'aws-cdk-lib/aws-kms'
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type BucketProps,
  ObjectOwnership,
  StorageClass,
} from 'aws-cdk-lib/aws-s3'
import { Construct } from 'constructs'

/** A bucket that requires TLS, is not public, and stays when its stack is deleted. */
class PrivateBucket extends Bucket {
  constructor(scope: Construct, id: string, props: BucketProps) {
    super(scope, id, {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
      ...props,
    })
  }
}

interface BucketsProps {
  readonly installation: string
  /** Encrypts the archives and the data set of reports. */
  readonly key: IKey
}

export type BucketPart = 'archives' | 'access-logs' | 'reports'

/** Bucket names are global, so they contain account and region. */
export const bucketName = (scope: Construct, installation: string, part: BucketPart): string => {
  const { account, region } = Stack.of(scope)
  return `${installation}-${part}-${account}-${region}`
}

export class Buckets extends Construct {
  readonly archives: Bucket
  /** The data set of reports; its rows name nobody. */
  readonly reports: Bucket
  /** Access logs of the load balancer and the other buckets. They contain visitors' addresses, so they expire early. */
  readonly accessLogs: Bucket

  constructor(scope: Construct, id: string, { installation, key }: BucketsProps) {
    super(scope, id)
    this.accessLogs = new PrivateBucket(this, 'AccessLogs', {
      bucketName: bucketName(this, installation, 'access-logs'),
      // Load balancers can write only with S3's own key.
      encryption: BucketEncryption.S3_MANAGED,
      lifecycleRules: [{ expiration: Duration.days(30), abortIncompleteMultipartUploadAfter: Duration.days(1) }],
    })
    Validations.of(this.accessLogs).acknowledge({
      id: 'AwsSolutions-S1',
      reason: 'It holds access logs; logging access to it would never end.',
    })
    const encrypted = (part: 'archives' | 'reports'): BucketProps => ({
      bucketName: bucketName(this, installation, part),
      encryption: BucketEncryption.KMS,
      encryptionKey: key,
      // One call of KMS for many objects.
      bucketKeyEnabled: true,
      versioned: true,
      serverAccessLogsBucket: this.accessLogs,
      serverAccessLogsPrefix: `${part}/`,
    })
    // What was deleted or overwritten by mistake can be recovered for a month.
    const recoverable = { noncurrentVersionExpiration: Duration.days(30), expiredObjectDeleteMarker: true }
    this.archives = new PrivateBucket(this, 'Archives', {
      ...encrypted('archives'),
      lifecycleRules: [
        {
          ...recoverable,
          abortIncompleteMultipartUploadAfter: Duration.days(7),
          transitions: [{ storageClass: StorageClass.INFREQUENT_ACCESS, transitionAfter: Duration.days(30) }],
        },
      ],
    })
    this.reports = new PrivateBucket(this, 'Reports', { ...encrypted('reports'), lifecycleRules: [recoverable] })
  }
}
