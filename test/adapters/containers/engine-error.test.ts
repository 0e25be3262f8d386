import { expect, test } from 'vitest'
import {
  engineUnavailable,
  isAddressTaken,
  isMissingImage,
  isOutOfSubnets,
  isTaken,
  launchFailure,
} from '../../../adapters/containers/engine-error.ts'

/** What dockerode throws; the reasons are those of Docker 27 and of Podman 4.3. */
const answer = (statusCode: number, message: string) => Object.assign(new Error(message), { statusCode })

const portTaken = answer(
  500,
  'driver failed programming external connectivity: Bind for 127.0.0.1:20001 failed: port is already allocated',
)
const portTakenPodman = answer(500, 'rootlessport listen tcp 127.0.0.1:20001: bind: address already in use')
const subnetTaken = answer(500, 'subnet 10.210.0.0/29 is already used on the host or by another config')
const bridgeTaken = answer(500, 'bridge name sitew-20001 already in use')
const nameTaken = answer(409, 'Conflict. The container name "/sitewright-x" is already in use by container "y".')
const nameTakenPodman = answer(500, 'container create: the container name "x" is already in use by y')
const networkTakenPodman = answer(500, 'network name x already used: network already exists')
const noImage = answer(404, 'No such image: sitewright/welcome:1')
const noSubnets = answer(500, 'could not find an available, non-overlapping IPv4 address pool among the defaults')
const silence = Object.assign(new Error('connect ENOENT /run/podman/podman.sock'), { code: 'ENOENT' })

test.each([
  ['an address', isAddressTaken, [portTaken, portTakenPodman, subnetTaken, bridgeTaken]],
  ['a name', isTaken, [nameTaken, nameTakenPodman, networkTakenPodman]],
  ['an image', isMissingImage, [noImage]],
  ['subnets', isOutOfSubnets, [noSubnets]],
])('tells a failure with %s from all others', (_, predicate, own) => {
  const all = [
    portTaken,
    portTakenPodman,
    subnetTaken,
    bridgeTaken,
    nameTaken,
    nameTakenPodman,
    networkTakenPodman,
    noImage,
    noSubnets,
    silence,
  ]
  expect(all.filter(predicate)).toEqual(own)
})

test.each([
  ['a missing image', noImage, 'LaunchFailed'],
  ['a bad request', answer(400, 'invalid mount path'), 'LaunchFailed'],
  ['a program that cannot run', answer(500, 'exec: "x": executable file not found in $PATH'), 'LaunchFailed'],
  ['an engine that fails', answer(500, 'database is locked'), 'RuntimeUnavailable'],
  ['an engine that starts up', answer(503, 'not ready'), 'RuntimeUnavailable'],
  ['silence', silence, 'RuntimeUnavailable'],
])('a launch that meets %s', (_, error, kind) => {
  expect(launchFailure(error, 'start it').kind).toBe(kind)
})

test('an error that says its kind already is passed on', () => {
  const known = launchFailure(noImage, 'start it')
  expect(engineUnavailable(known, 'do more')).toBe(known)
  expect(launchFailure(known, 'do more')).toBe(known)
})
