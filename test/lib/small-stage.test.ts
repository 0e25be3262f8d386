import { expect, it } from 'vitest'
import { defineConfig } from '../../core/config/config.ts'
import { profiles } from '../../core/config/stage-profile.ts'
import { resourcesOf } from './support/resources.ts'
import { synthesise } from './support/synthesise.ts'
import { testConfig } from './support/test-config.ts'

const { router: _, firewalls: __, endpointZones: ___, routerMetrics: ____, ...stage } = testConfig.stages['test']!
const config = defineConfig({ ...testConfig, stages: { test: { ...stage, profile: 'small' } } })
const small = await synthesise(config)

it('has one small router, and endpoints in one zone', () => {
  const edge = small.template('edge')
  expect(resourcesOf(edge, 'AWS::ECS::TaskDefinition')).toMatchObject([{ Properties: { Cpu: '256', Memory: '512' } }])
  expect(resourcesOf(edge, 'AWS::ApplicationAutoScaling::ScalableTarget')).toMatchObject([
    { Properties: { MinCapacity: 1 } },
  ])
  expect(resourcesOf(edge, 'AWS::ECS::Cluster')).toMatchObject([
    { Properties: { ClusterSettings: [{ Name: 'containerInsights', Value: 'disabled' }] } },
  ])
  const interfaces = resourcesOf(edge, 'AWS::EC2::VPCEndpoint').filter(
    ({ Properties }) => Properties.VpcEndpointType === 'Interface',
  )
  expect(interfaces).toHaveLength(4)
  for (const { Properties } of interfaces) expect(Properties.SubnetIds).toHaveLength(1)
})

it('has no web ACL', () => {
  for (const part of ['edge', 'front']) {
    expect(resourcesOf(small.template(part), 'AWS::WAFv2::WebACL')).toEqual([])
    expect(resourcesOf(small.template(part), 'AWS::WAFv2::WebACLAssociation')).toEqual([])
  }
})

it('has no alarms on what sites write: a budget tells the same later', () => {
  expect(resourcesOf(small.template('cell-a'), 'AWS::CloudWatch::Alarm')).toEqual([])
})

it('keeps one site ready, and what the configuration says counts more than the profile', () => {
  expect(config.stages['test']).toMatchObject(profiles.small)
  const asked = defineConfig({
    ...testConfig,
    stages: { test: { ...stage, profile: 'small', firewalls: true, poolTarget: 2 } },
  })
  expect(asked.stages['test']).toMatchObject({ ...profiles.small, firewalls: true, poolTarget: 2 })
})
