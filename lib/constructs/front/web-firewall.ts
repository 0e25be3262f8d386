import { CfnWebACL } from 'aws-cdk-lib/aws-wafv2'
import { Construct } from 'constructs'
import type { Names } from '../../../cloud/names.ts'

/** Requests of one address within five minutes; a person who watches a build makes about a hundred. */
const requestsByAddress = 2000

export const visible = (metricName: string): CfnWebACL.VisibilityConfigProperty => ({
  cloudWatchMetricsEnabled: true,
  sampledRequestsEnabled: true,
  metricName,
})

/** Stripe sends its events from a few addresses, and all that were missed after an outage. */
const webhooksByAddress = 20_000

const isWebhook: CfnWebACL.StatementProperty = {
  byteMatchStatement: {
    fieldToMatch: { uriPath: {} },
    positionalConstraint: 'STARTS_WITH',
    searchString: '/v1/webhooks/',
    textTransformations: [{ priority: 0, type: 'NONE' }],
  },
}
const noWebhook: CfnWebACL.StatementProperty = { notStatement: { statement: isWebhook } }

/** Refuses more requests than that of one address within five minutes. @param header the one with the address; the sender's by default. */
export const limitedByAddress = (
  name: string,
  priority: number,
  limit: number,
  scopeDownStatement: CfnWebACL.StatementProperty,
  header?: string,
): CfnWebACL.RuleProperty => {
  const source =
    header === undefined
      ? { aggregateKeyType: 'IP' }
      : { aggregateKeyType: 'FORWARDED_IP', forwardedIpConfig: { headerName: header, fallbackBehavior: 'MATCH' } }
  return {
    name,
    priority,
    action: { block: { customResponse: { responseCode: 429 } } },
    statement: { rateBasedStatement: { limit, evaluationWindowSec: 300, scopeDownStatement, ...source } },
    visibilityConfig: visible(name),
  }
}

/**
 * Rules of the common set that refuse what callers of the API may send: bodies over 8 KiB, addresses with an IPv4 host, relative
 * paths and scripts in templates. Functions check sizes and schemas themselves. Source: the AWS WAF Developer Guide, "Baseline
 * rule groups".
 */
const rulesOnBodies = [
  'SizeRestrictions_BODY',
  'GenericRFI_BODY',
  'GenericLFI_BODY',
  'EC2MetaDataSSRF_BODY',
  'CrossSiteScripting_BODY',
]

/**
 * A managed group of rules, for all but webhooks. A Stripe event may contain anything; only its signature decides whether it is
 * trusted.
 * @param counted the rules of it that only count.
 */
const managed = (name: string, priority: number, counted?: readonly string[]): CfnWebACL.RuleProperty => ({
  name,
  priority,
  overrideAction: { none: {} },
  statement: {
    managedRuleGroupStatement: {
      vendorName: 'AWS',
      name,
      scopeDownStatement: noWebhook,
      ...(counted && { ruleActionOverrides: counted.map((rule) => ({ name: rule, actionToUse: { count: {} } })) }),
    },
  },
  visibilityConfig: visible(name),
})

/** Blocks known attackers, known attacks, and floods from one address. */
export class WebFirewall extends Construct {
  readonly arn: string

  constructor(scope: Construct, id: string, { names }: { readonly names: Pick<Names, 'installation'> }) {
    super(scope, id)
    const acl = new CfnWebACL(this, 'Acl', {
      name: names.installation,
      scope: 'CLOUDFRONT',
      defaultAction: { allow: {} },
      visibilityConfig: visible(names.installation),
      rules: [
        limitedByAddress('RateByAddress', 0, requestsByAddress, noWebhook),
        managed('AWSManagedRulesAmazonIpReputationList', 1),
        managed('AWSManagedRulesCommonRuleSet', 2, rulesOnBodies),
        managed('AWSManagedRulesKnownBadInputsRuleSet', 3),
        limitedByAddress('WebhooksByAddress', 4, webhooksByAddress, isWebhook),
      ],
    })
    this.arn = acl.attrArn
  }
}
