import { Duration, RemovalPolicy } from 'aws-cdk-lib'
import { Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms'
import { Construct } from 'constructs'
import type { Names } from '../../../cloud/names.ts'

interface KeysProps {
  readonly names: Pick<Names, 'installation' | 'entitlementKey'>
}

/** Long enough for somebody to notice: without the key, everything that it encrypted or certified is lost. */
const kept = { removalPolicy: RemovalPolicy.RETAIN, pendingWindow: Duration.days(30) } as const

/** The keys of an installation. Both outlive their stack. */
export class Keys extends Construct {
  /** Encrypts archives and the secrets of sites. */
  readonly data: Key
  /** The root key of all entitlements. Sites trust what it certifies, so it can never be replaced. */
  readonly entitlement: Key

  constructor(scope: Construct, id: string, { names }: KeysProps) {
    super(scope, id)
    this.data = new Key(this, 'Data', {
      ...kept,
      alias: `alias/${names.installation}-data`,
      description: 'Archives and the secrets of sites',
      enableKeyRotation: true,
    })
    this.entitlement = new Key(this, 'Entitlement', {
      ...kept,
      alias: names.entitlementKey,
      description: "Certifies the routers' keys of the day",
      keySpec: KeySpec.ECC_NIST_EDWARDS25519,
      keyUsage: KeyUsage.SIGN_VERIFY,
    })
  }
}
