import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib'
import type { IKey } from 'aws-cdk-lib/aws-kms'
import type { BucketProps } from 'aws-cdk-lib/aws-s3'
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership, StorageClass } from 'aws-cdk-lib/aws-s3'
import { Construct } from 'constructs'

/** A bucket that nobody reaches without TLS or from outside, and that stays when its stack goes. */
class PrivateBucket extends Bucket {
  constructor(scope: Construct, id: string, props: BucketProps) {
    super(scope, id, {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      removalPolicy: RemovalPolicy.RETAIN,
      ...props,
    })
  }
}

interface BucketsProps {
  readonly installation: string
  /** Encrypts the archives. */
  readonly key: IKey
}

/** Bucket names are of all the world, so they hold account and region. */
export const bucketName = (scope: Construct, installation: string, part: 'archives' | 'access-logs'): string => {
  const { account, region } = Stack.of(scope)
  return `${installation}-${part}-${account}-${region}`
}

/** Where archives are, and where logs of access go. */
export class Buckets extends Construct {
  readonly archives: Bucket
  /** Of requests to the load balancer and to the archives; they hold visitors' addresses, so not for long. */
  readonly accessLogs: Bucket

  constructor(scope: Construct, id: string, { installation, key }: BucketsProps) {
    super(scope, id)
    this.accessLogs = new PrivateBucket(this, 'AccessLogs', {
      bucketName: bucketName(this, installation, 'access-logs'),
      // Load balancers write under no key but S3's own.
      encryption: BucketEncryption.S3_MANAGED,
      lifecycleRules: [{ expiration: Duration.days(30), abortIncompleteMultipartUploadAfter: Duration.days(1) }],
    })
    Validations.of(this.accessLogs).acknowledge({
      id: 'AwsSolutions-S1',
      reason: 'It is where logs of access go; its own would go round in circles.',
    })
    this.archives = new PrivateBucket(this, 'Archives', {
      bucketName: bucketName(this, installation, 'archives'),
      encryption: BucketEncryption.KMS,
      encryptionKey: key,
      // One call of KMS for many objects.
      bucketKeyEnabled: true,
      versioned: true,
      serverAccessLogsBucket: this.accessLogs,
      serverAccessLogsPrefix: 'archives/',
      lifecycleRules: [
        {
          abortIncompleteMultipartUploadAfter: Duration.days(7),
          // An archive that was deleted or overwritten by mistake can be had back for a month.
          noncurrentVersionExpiration: Duration.days(30),
          expiredObjectDeleteMarker: true,
          transitions: [{ storageClass: StorageClass.INFREQUENT_ACCESS, transitionAfter: Duration.days(30) }],
        },
      ],
    })
  }
}
