import { createApp } from 'vue';
import '../styles/base.css';
import ListPage from './ListPage.vue';

createApp(ListPage).mount('#app');
