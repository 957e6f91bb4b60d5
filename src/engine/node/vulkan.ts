/**
 * What the Vulkan loader says of the graphics cards of this machine: WebGPU on Linux computes through it, and the
 * runtime itself tells neither a card's name nor its limits.
 */
import { InputError } from '../../core/errors.js';

export interface GraphicsCard {
  readonly name: string;
  readonly kind: 'other' | 'integrated' | 'discrete' | 'virtual' | 'software';
  /** The version of Vulkan, as `1.3.0`. */
  readonly vulkan: string;
  /** The most bytes that one operator reads or writes of one tensor. */
  readonly largestBuffer: number;
  /** The most threads that work as a group, and the bytes of memory that they share. */
  readonly groupThreads: number;
  readonly sharedMemory: number;
  /** Memory of its own, or for a card without the machine's that it may use. */
  readonly memory: number;
}

const KINDS = ['other', 'integrated', 'discrete', 'virtual', 'software'] as const;
const LIBRARY = 'libvulkan.so.1';

/**
 * Places in `VkPhysicalDeviceProperties`: numbers of 32 bits, the name, an identifier, and the limits on a multiple of
 * 8.
 */
const NAME = { begin: 20, length: 256 } as const;
const LIMITS = 296;
const LARGEST_BUFFER = LIMITS + 28;
const SHARED_MEMORY = LIMITS + 216;
const GROUP_THREADS = LIMITS + 232;
/** Places in `VkPhysicalDeviceMemoryProperties`. */
const HEAPS = { count: 260, begin: 264, size: 16, most: 16 } as const;
/** The flag of a heap that is the card's own. */
const DEVICE_LOCAL = 1;
/** `VkInstanceCreateInfo`: its number, and nothing asked for. */
const INSTANCE = { type: 1, bytes: 64 } as const;

/** @throws InputError ('engine') where there is no Vulkan loader */
export async function graphicsCards(): Promise<GraphicsCard[]> {
  const { default: koffi } = await import('koffi');
  let vulkan: ReturnType<typeof koffi.load>;
  try {
    vulkan = koffi.load(LIBRARY);
  } catch (cause) {
    throw new InputError('engine', `${LIBRARY} cannot be loaded`, 'Install libvulkan1 and the driver of the card.', {
      cause,
    });
  }
  const create = vulkan.func('int vkCreateInstance(const void *info, void *allocator, void *instance)');
  const destroy = vulkan.func('void vkDestroyInstance(uint64_t instance, void *allocator)');
  const enumerate = vulkan.func('int vkEnumeratePhysicalDevices(uint64_t instance, void *count, void *devices)');
  const properties = vulkan.func('void vkGetPhysicalDeviceProperties(uint64_t device, void *properties)');
  const memories = vulkan.func('void vkGetPhysicalDeviceMemoryProperties(uint64_t device, void *properties)');

  const info = Buffer.alloc(INSTANCE.bytes);
  info.writeUInt32LE(INSTANCE.type);
  const handle = Buffer.alloc(8);
  const failed = create(info, null, handle) as number;
  if (failed) throw new InputError('engine', `Vulkan does not start (vkCreateInstance gave ${failed})`);
  const instance = handle.readBigUInt64LE();
  try {
    const count = Buffer.alloc(4);
    enumerate(instance, count, null);
    const devices = Buffer.alloc(8 * count.readUInt32LE());
    if (devices.length > 0) enumerate(instance, count, devices);
    return Array.from({ length: count.readUInt32LE() }, (_, index) => {
      const device = devices.readBigUInt64LE(8 * index);
      const [found, memory] = [Buffer.alloc(4096), Buffer.alloc(4096)];
      properties(device, found);
      memories(device, memory);
      return cardOf(found, memory);
    });
  } finally {
    destroy(instance, null);
  }
}

function cardOf(found: Buffer, memory: Buffer): GraphicsCard {
  const version = found.readUInt32LE(0);
  const name = found.subarray(NAME.begin, NAME.begin + NAME.length);
  const heaps = Array.from({ length: Math.min(memory.readUInt32LE(HEAPS.count), HEAPS.most) }, (_, index) => ({
    bytes: Number(memory.readBigUInt64LE(HEAPS.begin + index * HEAPS.size)),
    own: (memory.readUInt32LE(HEAPS.begin + index * HEAPS.size + 8) & DEVICE_LOCAL) !== 0,
  }));
  return {
    name: name.subarray(0, Math.max(0, name.indexOf(0))).toString('utf8'),
    kind: KINDS[found.readUInt32LE(16)] ?? 'other',
    vulkan: `${(version >> 22) & 127}.${(version >> 12) & 1023}.${version & 4095}`,
    largestBuffer: found.readUInt32LE(LARGEST_BUFFER),
    groupThreads: found.readUInt32LE(GROUP_THREADS),
    sharedMemory: found.readUInt32LE(SHARED_MEMORY),
    memory: Math.max(0, ...heaps.filter(({ own }) => own).map(({ bytes }) => bytes)),
  };
}
