import { sweepTest } from './sweep-test.ts'

sweepTest('wake')
