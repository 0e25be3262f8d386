import { CfnDeletionPolicy, CfnResource, Stack } from 'aws-cdk-lib'
import { EventBus } from 'aws-cdk-lib/aws-events'
import { CfnRecordSet, type IHostedZone, MxRecord, TxtRecord } from 'aws-cdk-lib/aws-route53'
import {
  ConfigurationSet,
  ConfigurationSetTlsPolicy,
  EmailIdentity,
  EmailSendingEvent,
  EventDestination,
  Identity,
  SuppressionReasons,
} from 'aws-cdk-lib/aws-ses'
import { Construct } from 'constructs'
import type { Names } from '../../../cloud/names.ts'
import { mailDomainOf, senderIn } from '../../../core/email.ts'

interface MailIdentityProps {
  readonly names: Pick<Names, 'mailConfiguration'>
  readonly mailFrom: string
  readonly hostedZone: IHostedZone
}

/** The domain of the sender, verified by records in its zone, and the rules for sending. */
export class MailIdentity extends Construct {
  constructor(scope: Construct, id: string, { names, mailFrom, hostedZone }: MailIdentityProps) {
    super(scope, id)
    const domain = mailDomainOf(senderIn(mailFrom).address)
    const configurationSet = new ConfigurationSet(this, 'Configuration', {
      configurationSetName: names.mailConfiguration,
      tlsPolicy: ConfigurationSetTlsPolicy.REQUIRE,
      reputationMetrics: true,
      // Who complains of one mail still gets sign-in codes and warnings.
      suppressionReasons: SuppressionReasons.BOUNCES_ONLY,
    })
    configurationSet.addEventDestination('Outcomes', {
      // SES takes no other bus.
      destination: EventDestination.eventBus(EventBus.fromEventBusName(this, 'DefaultBus', 'default')),
      events: [EmailSendingEvent.BOUNCE, EmailSendingEvent.COMPLAINT, EmailSendingEvent.REJECT],
    })
    const bounceDomain = `bounce.${domain}`
    const identity = new EmailIdentity(this, 'Identity', {
      identity: Identity.domain(domain),
      configurationSet,
      mailFromDomain: bounceDomain,
    })
    identity.dkimRecords.forEach(({ name, value }, index) => {
      // The names are known only after the identity exists, so the zone cannot be added to them here.
      new CfnRecordSet(this, `Dkim${index + 1}`, {
        hostedZoneId: hostedZone.hostedZoneId,
        name,
        type: 'CNAME',
        resourceRecords: [value],
        ttl: '1800',
      })
    })
    new MxRecord(this, 'BounceMx', {
      zone: hostedZone,
      recordName: `${bounceDomain}.`,
      values: [{ priority: 10, hostName: `feedback-smtp.${Stack.of(this).region}.amazonses.com` }],
    })
    new TxtRecord(this, 'BounceSpf', {
      zone: hostedZone,
      recordName: `${bounceDomain}.`,
      values: ['v=spf1 include:amazonses.com -all'],
    })
    // A domain that is a zone itself may have a policy for other senders, and its name can be taken once.
    if (domain !== hostedZone.zoneName) {
      const recordName = `_dmarc.${domain}.`
      new TxtRecord(this, 'Dmarc', { zone: hostedZone, recordName, values: ['v=DMARC1; p=reject'] })
    }
    // Where the domain changes, functions send from the former one until they are deployed.
    const ofDomain = ['AWS::SES::EmailIdentity', 'AWS::Route53::RecordSet']
    for (const one of this.node.findAll()) {
      if (!CfnResource.isCfnResource(one) || !ofDomain.includes(one.cfnResourceType)) continue
      one.cfnOptions.updateReplacePolicy = CfnDeletionPolicy.RETAIN
      one.cfnOptions.deletionPolicy = CfnDeletionPolicy.DELETE
    }
  }
}
