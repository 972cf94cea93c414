// A stdio server whose every byte is decided by the test: standard input goes to the port of its argument, and what comes from there is
// standard output.
import { connect } from 'node:net'

const socket = connect(Number(process.argv[2]), '127.0.0.1')
process.stdin.pipe(socket)
socket.on('data', (chunk) => process.stdout.write(chunk))
socket.on('close', () => process.exit(0))
socket.on('error', () => process.exit(1))
