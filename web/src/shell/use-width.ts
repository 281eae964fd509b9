import { onBeforeUnmount, onMounted, type Ref, ref } from 'vue';

/** The element's width in CSS pixels, followed: drawings are laid out in real pixels so that their text keeps its size. */
export function useWidth(element: Ref<HTMLElement | null>, initial: number): Ref<number> {
  const width = ref(initial);
  let observer: ResizeObserver | undefined;
  onMounted(() => {
    if (element.value === null) return;
    width.value = element.value.clientWidth || initial;
    observer = new ResizeObserver(([entry]) => {
      const next = Math.round(entry?.contentRect.width ?? 0);
      if (next > 0) width.value = next;
    });
    observer.observe(element.value);
  });
  onBeforeUnmount(() => observer?.disconnect());
  return width;
}
