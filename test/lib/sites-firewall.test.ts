import { App, Stack } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import { Vpc } from 'aws-cdk-lib/aws-ec2'
import { ApplicationLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2'
import { expect, it } from 'vitest'
import { namesOf } from '../../cloud/names.ts'
import { defineConfig } from '../../core/config/config.ts'
import type { Stage } from '../../core/config/stage.ts'
import { SitesFirewall } from '../../lib/constructs/edge/sites-firewall.ts'
import { resourcesOf } from './support/resources.ts'
import { testConfig } from './support/test-config.ts'

const stage = testConfig.stages['test']!

const aclOf = (sites: Stage['sites'] = stage.sites, context: Record<string, string> = {}) => {
  const stack = new Stack(new App({ context }), 'Test')
  const loadBalancer = new ApplicationLoadBalancer(stack, 'LoadBalancer', { vpc: new Vpc(stack, 'Vpc') })
  new SitesFirewall(stack, 'Firewall', { names: namesOf('test'), sites, loadBalancer })
  const template = Template.fromStack(stack)
  const [acl, ...more] = resourcesOf(template, 'AWS::WAFv2::WebACL')
  expect(more).toEqual([])
  const [association] = resourcesOf(template, 'AWS::WAFv2::WebACLAssociation')
  const [before] = resourcesOf(template, 'AWS::ElasticLoadBalancingV2::LoadBalancer')
  expect(association!.Properties).toEqual({
    ResourceArn: { Ref: before!.id },
    WebACLArn: { 'Fn::GetAtt': [acl!.id, 'Arn'] },
  })
  return acl!.Properties
}

const header = (name: string, value: string) => ({
  ByteMatchStatement: {
    FieldToMatch: { SingleHeader: { Name: name } },
    PositionalConstraint: 'EXACTLY',
    SearchString: value,
    TextTransformations: [{ Priority: 0, Type: 'NONE' }],
  },
})
const shown = (version = '::') =>
  header('x-sitewright-origin', `{{resolve:secretsmanager:sitewright-test/origin:SecretString:${version}}}`)
const probe = header('host', 'router.example.net')

it('counts direct requests by their sender without probes of sites, and those that show the secret by the viewer whom CloudFront names', () => {
  const [direct, viewers] = aclOf().Rules
  expect(direct.Statement.RateBasedStatement).toEqual({
    Limit: 2000,
    EvaluationWindowSec: 300,
    AggregateKeyType: 'IP',
    ScopeDownStatement: {
      AndStatement: { Statements: [{ NotStatement: { Statement: shown() } }, { NotStatement: { Statement: probe } }] },
    },
  })
  expect(viewers.Statement.RateBasedStatement).toEqual({
    Limit: 2000,
    EvaluationWindowSec: 300,
    AggregateKeyType: 'FORWARDED_IP',
    ForwardedIPConfig: { HeaderName: 'x-sitewright-visitor', FallbackBehavior: 'MATCH' },
    ScopeDownStatement: shown(),
  })
  for (const { Action } of [direct, viewers]) {
    expect(Action).toEqual({ Block: { CustomResponse: { ResponseCode: 429 } } })
  }
})

it('only counts what the managed rules match, so that uploads pass', () => {
  const { DefaultAction, Rules } = aclOf()
  expect(DefaultAction).toEqual({ Allow: {} })
  const managed = Rules.filter(({ Statement }: { Statement: object }) => 'ManagedRuleGroupStatement' in Statement)
  expect(managed).toMatchObject([
    {
      OverrideAction: { Count: {} },
      Statement: { ManagedRuleGroupStatement: { Name: 'AWSManagedRulesCommonRuleSet' } },
    },
  ])
  expect(Rules).toHaveLength(3)
})

it('counts its matches, and hides secrets in samples of requests', () => {
  const { Rules, VisibilityConfig, DataProtectionConfig } = aclOf()
  for (const visible of [VisibilityConfig, ...Rules.map((rule: typeof Rules) => rule.VisibilityConfig)]) {
    expect(visible.CloudWatchMetricsEnabled).toBe(true)
  }
  expect(DataProtectionConfig.DataProtections[0].Field.FieldKeys).toEqual(
    expect.arrayContaining(['authorization', 'cookie', 'x-sitewright-origin']),
  )
})

it('takes the previous secret too while it is rolled', () => {
  const [, viewers] = aclOf(stage.sites, { rollingOrigin: 'true' }).Rules
  expect(viewers.Statement.RateBasedStatement.ScopeDownStatement).toEqual({
    OrStatement: { Statements: [shown(), shown(':AWSPREVIOUS:')] },
  })
})

it('has the limit of the configuration, which WAF must be able to hold', () => {
  const withLimit = (requestsByAddress: number) =>
    defineConfig({
      ...testConfig,
      stages: { test: { ...stage, sites: { ...stage.sites, firewall: { requestsByAddress } } } },
    })
  const limits = aclOf(withLimit(500).stages['test']!.sites).Rules.map(
    ({ Statement }: { Statement: { RateBasedStatement?: { Limit: number } } }) => Statement.RateBasedStatement?.Limit,
  )
  expect(limits).toEqual([500, 500, undefined])
  expect(() => withLimit(9)).toThrow('stages.test.sites.firewall.requestsByAddress')
})
