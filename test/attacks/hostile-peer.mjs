import { connect, createServer } from 'node:net'

/*
 * The hostile end of a connection. What it says is a plan, as `hostile-peers.ts` has it: `start`, then `unit` so many `times`, without end where that is
 * null, then `end`. With PORT it is a site, which answers each request with the plan in its path, once `after` bytes have come behind the head. Otherwise
 * it is a visitor, which opens connections, says the plan of its argument on each, and opens each again that is closed. It ends with its parent.
 */

const block = 65_536

const say = (socket, { start = '', unit = '', times = 0, end = '' }) => {
  const max = Math.max(1, Math.ceil(block / Math.max(1, unit.length)))
  const whole = unit.repeat(max)
  let left = times ?? Number.POSITIVE_INFINITY
  const more = () => {
    for (let isRoom = true; isRoom && left > 0 && !socket.destroyed; left -= max)
      isRoom = socket.write(left < max ? unit.repeat(left) : whole, 'latin1')
    if (left > 0) socket.once('drain', more)
    else socket.write(end, 'latin1')
  }
  socket.write(start, 'latin1')
  more()
}

const planOf = (path) =>
  path === '/'
    ? { start: 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n' }
    : JSON.parse(Buffer.from(path.slice(1), 'base64url').toString())

/** Answers requests without a body one after the other. Ignores what follows a head that announces more. */
const answer = (socket) => {
  let head = ''
  let plan
  let bytes = 0
  socket.on('error', () => socket.destroy())
  socket.on('data', (piece) => {
    if (plan === undefined) head += piece.toString('latin1')
    else bytes += piece.length
    for (
      let length = head.indexOf('\r\n\r\n');
      plan === undefined && length !== -1;
      length = head.indexOf('\r\n\r\n')
    ) {
      const [, path] = head.split(' ', 2)
      const rest = head.slice(length + 4)
      if (/^(?:content-length|transfer-encoding|upgrade):/im.test(head.slice(0, length + 2))) {
        plan = planOf(path)
        bytes = rest.length
      } else say(socket, planOf(path))
      head = rest
    }
    if (plan === undefined || bytes < (plan.after ?? 0)) return
    say(socket, plan)
    bytes = Number.NEGATIVE_INFINITY
  })
}

const visit = ({ port, connections, plan }) => {
  const done = { opened: 0, received: 0 }
  const open = () => {
    // Another address than that of a trusted proxy.
    const socket = connect({ port, host: '127.0.0.1', localAddress: '127.0.0.2' })
    socket.on('error', () => undefined)
    socket.on('data', ({ length }) => {
      done.received += length
    })
    socket.on('connect', () => {
      done.opened += 1
      say(socket, plan)
    })
    socket.on('close', () => setTimeout(open, 20))
  }
  for (let count = 0; count < connections; count += 1) open()
  process.on('message', () => process.send(done))
  process.on('disconnect', () => process.exit())
}

if (process.env.PORT === undefined) visit(JSON.parse(process.argv[2]))
else createServer(answer).listen(process.env.PORT, process.env.HOST)
