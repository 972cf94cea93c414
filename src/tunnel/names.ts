import { randomInt } from 'node:crypto'

const qualities =
  'amber brave breezy bright calm candid clever cosy crisp dapper early eager fabled fair fleet fond gentle glad golden happy hardy honest humble jolly keen kind lively lucky mellow merry mild misty modest neat nimble noble patient placid plucky polite proud quick quiet rapid ready rustic sandy serene sharp shy silent silver sleek snowy steady sturdy sunny swift tender tidy velvet warm wise witty'.split(
    ' ',
  )
const animals =
  'badger beaver bison bobcat crane curlew deer dolphin dove eagle egret falcon ferret finch fox gecko goose grouse hare hawk hedgehog heron ibis jackdaw kestrel koala lark lemur linnet lizard lynx magpie marmot marten mole moose newt ocelot oriole osprey otter owl panda pelican plover puffin quail rabbit raven robin salmon seal sparrow squirrel stoat stork swallow swan tapir tern thrush toad turtle wombat wren'.split(
    ' ',
  )
/** Without letters and digits that look alike. */
const tailLetters = 'abcdefghjkmnpqrstuvwxyz23456789'

/**
 * A name to ask the tunnel for, such as `quiet-otter-4821-xk3p`: readable aloud, and about 45 random bits, because whoever
 * guesses it could claim it while this computer is off. Fits one DNS label and the rules of localtunnel's server.
 */
export function newTunnelName(random: (below: number) => number = randomInt): string {
  const pick = <T>(from: ArrayLike<T>): T => from[random(from.length)]!
  const tail = Array.from({ length: 4 }, () => pick(tailLetters)).join('')
  return `${pick(qualities)}-${pick(animals)}-${1000 + random(9000)}-${tail}`
}
