import { describe, expect, it } from 'vitest'
import { readEnvironment, variablesOf } from '../../../cloud/variables.ts'
import { eventSource } from '../../../core/events/event-names.ts'
import type { StateMachineName } from '../../../core/ports/workflows.ts'
import {
  httpTriggersOf,
  functions as manifest,
  minutesOf,
  patternsOf,
  reservedOf,
  tasksOf as tasksOfFunction,
  usualConcurrency,
} from '../../../lambdas/manifest.ts'
import { functionOfState, readStateMachine } from '../../../statemachines/read-state-machine.ts'
import { type Definition, definitions, tasksOf } from '../../statemachines/definitions.ts'
import { filled } from '../support/filled.ts'
import { type Resource, resourcesOf } from '../support/resources.ts'
import { synthesise } from '../support/synthesise.ts'

const all = await synthesise()
const names = all.names
const template = all.template('control')
const api = all.template('api')

const functions = (): readonly Resource[] => resourcesOf(template, 'AWS::Lambda::Function')
const nameOf = ({ Properties }: Resource): string => String(Properties.FunctionName).slice(names.function('').length)

/** The name in the manifest of what a part of the template refers to. */
const functionBehind = (reference: { 'Fn::GetAtt': [string, string] }): string | undefined => {
  const found = functions().find(({ id }) => id === reference['Fn::GetAtt'][0])
  return found === undefined ? undefined : nameOf(found)
}

const sorted = (texts: readonly (string | undefined)[]) => texts.map(String).toSorted()

/** Our own events are on our bus; of AWS's own events, those of our clusters and of our mails alone matter. */
const subscriptionsOf = (definition: (typeof manifest)[number]): readonly object[] =>
  patternsOf(definition).map((pattern) => {
    if (JSON.stringify(pattern['source']) === JSON.stringify([eventSource])) {
      return { function: definition.name, when: pattern, bus: 'ours' }
    }
    if (JSON.stringify(pattern['source']) === JSON.stringify(['aws.ses'])) {
      const mail = { tags: { 'ses:configuration-set': [names.mailConfiguration] } }
      return { function: definition.name, when: { ...pattern, detail: { mail } }, bus: 'default' }
    }
    const clusterArn = ['a', 'b'].map((cell) => `arn:aws:ecs:eu-central-1:111122223333:cluster/${names.cluster(cell)}`)
    const when = { ...pattern, detail: { ...Object(pattern['detail']), clusterArn } }
    return { function: definition.name, when, bus: 'default' }
  })

const scheduleOf = (definition: (typeof manifest)[number]): readonly object[] => {
  const everyMinutes = minutesOf(definition)
  if (everyMinutes === undefined) return []
  const [count, unit] = everyMinutes % 60 === 0 ? [everyMinutes / 60, 'hour'] : [everyMinutes, 'minute']
  const when = `rate(${count} ${unit}${count === 1 ? '' : 's'})`
  return [{ function: definition.name, when, bus: 'default' }]
}

describe('what is deployed of the manifest', () => {
  it('is every function, and no function besides', () => {
    expect(sorted(functions().map(nameOf))).toEqual(manifest.map(({ name }) => name).toSorted())
  })

  it('is each function as in the manifest', () => {
    for (const definition of manifest) {
      const { name, timeout } = definition
      const reserved = reservedOf(definition, usualConcurrency)
      const deployed = functions().find((found) => nameOf(found) === name)
      expect(deployed?.Properties).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        Handler: 'index.handler',
        Timeout: timeout,
        TracingConfig: { Mode: 'Active' },
      })
      expect([name, deployed?.Properties.ReservedConcurrentExecutions]).toEqual([name, reserved])
    }
  })

  it.each(manifest)('gives $name the environment that it reads, and no more', (definition) => {
    const { name } = definition
    const deployed = functions().find((found) => nameOf(found) === name)
    const { NODE_OPTIONS, ...variables } = filled(deployed?.Properties.Environment.Variables) as Record<string, string>
    expect(NODE_OPTIONS).toBe('--enable-source-maps')
    expect(Object.keys(variables).toSorted()).toEqual([...variablesOf(definition)].toSorted())
    expect(() => readEnvironment(variablesOf(definition), variables)).not.toThrow()
  })

  it('is every route, to the alias of its function, and no route besides', () => {
    const { paths, components } = resourcesOf(api, 'AWS::ApiGatewayV2::Api')[0]!.Properties.Body
    const aliases = new Map(resourcesOf(api, 'AWS::Lambda::Alias').map(({ id, Properties }) => [id, Properties]))
    const functionOf = (operation: { 'x-amazon-apigateway-integration': { $ref: string } }): string | undefined => {
      const name = operation['x-amazon-apigateway-integration'].$ref.split('/').at(-1)!
      const integration = components['x-amazon-apigateway-integrations'][name]
      expect(integration).toMatchObject({ type: 'AWS_PROXY', httpMethod: 'POST', payloadFormatVersion: '2.0' })
      const parts: readonly unknown[] = integration.uri['Fn::Join'][1]
      const alias = parts.flatMap((part) => aliases.get(Object(part).Ref) ?? [])[0]
      expect(filled(integration.uri)).toMatch(
        /^arn:aws:apigateway:eu-central-1:lambda:path\/2015-03-31\/functions\/.+\/invocations$/,
      )
      return alias?.FunctionName.slice(names.function('').length)
    }
    const routes = Object.entries<Record<string, never>>(paths).flatMap(([path, { parameters, ...methods }]) => {
      // An import wants each parameter of a path declared.
      const declared = ((parameters ?? []) as { name: string }[]).map(({ name }) => `{${name}}`)
      expect(declared).toEqual(path.match(/\{\w+\}/g) ?? [])
      return Object.entries(methods).map(
        ([method, operation]) => `${method.toUpperCase()} ${path} → ${functionOf(operation)}`,
      )
    })
    const wanted = manifest.flatMap((definition) =>
      httpTriggersOf(definition)
        .flatMap(({ operations }) => operations)
        .map(({ method, path }) => `${method} ${path} → ${definition.name}`),
    )
    expect(routes.toSorted()).toEqual(wanted.toSorted())
  })

  it('is every subscription and schedule, and nothing besides', () => {
    const bus = resourcesOf(template, 'AWS::Events::EventBus')[0]?.id
    const rules = resourcesOf(template, 'AWS::Events::Rule').map(({ Properties }) => {
      const { EventPattern, ScheduleExpression, EventBusName, Targets, State } = Properties
      expect(Targets).toHaveLength(1)
      expect(State).toBe('ENABLED')
      const isOurs = EventBusName?.Ref === bus
      return {
        function: functionBehind(Targets[0].Arn),
        when: EventPattern ?? ScheduleExpression,
        bus: isOurs ? 'ours' : 'default',
      }
    })
    const wanted = manifest.flatMap((definition) => [...subscriptionsOf(definition), ...scheduleOf(definition)])
    const inOrder = (list: readonly unknown[]) => list.map((item) => JSON.stringify(item)).toSorted()
    expect(inOrder(rules.map((rule) => filled(rule)))).toEqual(inOrder(wanted))
  })

  it('is the stream, to its function and to no other', () => {
    const mappings = resourcesOf(template, 'AWS::Lambda::EventSourceMapping')
    expect(
      mappings
        .map(({ Properties }) => Properties.FunctionName.Ref)
        .map((id) => functionBehind({ 'Fn::GetAtt': [id, 'Arn'] })),
    ).toEqual(['publish-events'])
  })

  it('lets nobody call a function but the gateway and the rules', () => {
    for (const { Properties } of [template, api].flatMap((one) => resourcesOf(one, 'AWS::Lambda::Permission'))) {
      expect(['apigateway.amazonaws.com', 'events.amazonaws.com']).toContain(Properties.Principal)
      expect(Properties.SourceArn).toBeDefined()
    }
  })
})

describe.each(definitions)('the state machine %s', (name, definition) => {
  const machine = () =>
    resourcesOf(template, 'AWS::StepFunctions::StateMachine').find(
      ({ Properties }) => Properties.StateMachineName === names.stateMachine(name),
    )!.Properties

  it('is deployed as its file has it', () => {
    const deployed: Definition = JSON.parse(machine().DefinitionString)
    expect(deployed).toEqual(readStateMachine(name as StateMachineName))
  })

  it('has a function for every placeholder', () => {
    for (const [, placeholder = ''] of machine().DefinitionString.matchAll(/\$\{(\w+)\}/g)) {
      expect(functionBehind(machine().DefinitionSubstitutions[placeholder])).toBeDefined()
    }
  })

  it('calls the functions that the manifest has for its states', () => {
    const substitutions: Record<string, { 'Fn::GetAtt': [string, string] }> = machine().DefinitionSubstitutions
    const deployed = Object.entries(substitutions).map(
      ([state, reference]) => `${state} → ${functionBehind(reference)}`,
    )
    const wanted = manifest.flatMap((one) =>
      tasksOfFunction(one)
        .filter(({ machines }) => machines.some((machine) => machine === name))
        .map(({ task }) => `${task} → ${one.name}`),
    )
    expect(deployed.toSorted()).toEqual(wanted.toSorted())
    expect(sorted([...new Set(tasksOf(definition).map(([, state]) => functionOfState(state)))])).toEqual(
      Object.keys(substitutions).toSorted(),
    )
  })

  it('tells what went wrong, and nothing of what it was about', () => {
    expect(machine()).toMatchObject({
      StateMachineType: 'STANDARD',
      LoggingConfiguration: { Level: 'ERROR', IncludeExecutionData: false },
      TracingConfiguration: { Enabled: true },
    })
  })
})

it('every state machine that is deployed has its file', () => {
  const deployed = resourcesOf(template, 'AWS::StepFunctions::StateMachine')
  expect(sorted(deployed.map(({ Properties }) => Properties.StateMachineName))).toEqual(
    definitions.map(([name]) => names.stateMachine(name)).toSorted(),
  )
})
