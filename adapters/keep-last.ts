/** Sets an entry of a map, and removes those that were set longest ago beyond `capacity`. */
export const keepLast = <Key, Value>(map: Map<Key, Value>, key: Key, value: Value, capacity: number): void => {
  map.delete(key)
  map.set(key, value)
  for (const oldest of map.keys()) {
    if (map.size <= capacity) return
    map.delete(oldest)
  }
}
