/** What every client of the emulator is made with; `AWS_ENDPOINT_URL` says where that is. */
export const clientSettings = () => {
  const endpoint = process.env['AWS_ENDPOINT_URL']
  if (endpoint === undefined) throw new Error('set AWS_ENDPOINT_URL to an AWS emulator, such as http://127.0.0.1:5000')
  return { endpoint, region: 'eu-central-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } } as const
}
