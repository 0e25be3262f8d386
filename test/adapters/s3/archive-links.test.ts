import { expect, it } from 'vitest'
import { presignedUrl } from '../../../adapters/s3/archive-links.ts'

/** The example of the Amazon S3 API Reference, "Authenticating Requests: Using Query Parameters". */
it('a URL is signed as AWS signs it', () => {
  const url = presignedUrl({
    object: new URL('https://examplebucket.s3.amazonaws.com/test.txt'),
    region: 'us-east-1',
    credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' },
    at: new Date('2013-05-24T00:00:00Z'),
    seconds: 86_400,
  })
  expect(new URL(url).searchParams.get('X-Amz-Signature')).toBe(
    'aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404',
  )
})

it('a session token and what else the URL is to say are signed with it', () => {
  const options = {
    object: new URL('https://examplebucket.s3.amazonaws.com/test.txt'),
    region: 'us-east-1',
    credentials: { accessKeyId: 'A', secretAccessKey: 'B', sessionToken: 'a/token+' },
    at: new Date('2013-05-24T00:00:00Z'),
    seconds: 60,
    query: { 'response-content-disposition': 'attachment; filename="a (1).tar"' },
  }
  const { searchParams } = new URL(presignedUrl(options))
  expect(searchParams.get('X-Amz-Security-Token')).toBe('a/token+')
  expect(searchParams.get('response-content-disposition')).toBe('attachment; filename="a (1).tar"')
  const other = presignedUrl({ ...options, query: { 'response-content-disposition': 'inline' } })
  expect(new URL(other).searchParams.get('X-Amz-Signature')).not.toBe(searchParams.get('X-Amz-Signature'))
})
