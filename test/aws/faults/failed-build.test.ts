import { sweepTest } from './sweep-test.ts'

sweepTest('failed-build')
